import { SseChannelRegistry } from '@nestcast/sse';
import { Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import {
  EMPTY,
  type Observable,
  catchError,
  defer,
  exhaustMap,
  ignoreElements,
  throttleTime,
  timer,
} from 'rxjs';

import { NodeGauge } from './node-gauge.js';
import { OperationsControl } from './operations-control.js';
import type { OperationsEvents } from './operations-events.js';

/** Where all nodes tell how they are, while somebody looks. */
export const FIGURES = 'operations/figures';

const EVERY_MS = 1_000;
/** Those who ask on several nodes get one answer. */
const NOT_BEFORE_MS = 900;

/**
 * A source is subscribed to only on nodes with listeners, and all nodes are to tell their figures: so a node with listeners
 * asks all of them, each second, and each answers to everybody.
 */
@Injectable()
export class FiguresFeed implements OnModuleInit {
  private readonly logger = new Logger(FiguresFeed.name);

  constructor(
    private readonly channels: SseChannelRegistry,
    private readonly control: OperationsControl,
    private readonly gauge: NodeGauge,
  ) {}

  onModuleInit(): void {
    const asking = timer(0, EVERY_MS).pipe(
      exhaustMap(() => this.guarded(() => this.control.tell('figures.wanted', {}))),
    );
    this.channels.attach(FIGURES, asking, { lingerMs: 0 });
    this.control
      .on('figures.wanted')
      .pipe(
        throttleTime(NOT_BEFORE_MS),
        exhaustMap(() => this.guarded(() => this.tell())),
      )
      .subscribe();
  }

  /** Ephemeral: nobody wants to catch up on them. */
  private async tell(): Promise<void> {
    const data = await this.gauge.read();
    await this.channels.publish<OperationsEvents>(FIGURES, { type: 'node.figures', data, ephemeral: true });
  }

  /** A broker that is away may be back when it is tried again, within a second. */
  private guarded(work: () => Promise<void>): Observable<never> {
    return defer(work).pipe(
      ignoreElements(),
      catchError((error: unknown) => {
        this.logger.warn(`The figures of this node can’t be told: ${String(error)}`);
        return EMPTY;
      }),
    );
  }
}
