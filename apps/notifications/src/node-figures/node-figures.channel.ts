import { type SseEvent, SseChannelRegistry } from '@nestcast/sse';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { type Observable, defer, interval, map, pairwise, startWith } from 'rxjs';

import { figuresBetween, type NodeSample } from './node-figures.js';

const EVERY_MS = 1_000;
const AFTER_THE_LAST_MS = 2_000;

/** Figures of this node, every second, taken only while somebody looks at them. */
@Injectable()
export class NodeFiguresChannel implements OnModuleInit {
  readonly name = 'node/figures';

  constructor(private readonly channels: SseChannelRegistry) {}

  onModuleInit(): void {
    this.channels.attach(this.name, this.figures(), { lingerMs: AFTER_THE_LAST_MS });
  }

  /** Ephemeral: nobody wants to catch up on them. */
  private figures(): Observable<SseEvent> {
    return defer(() =>
      interval(EVERY_MS).pipe(
        map(() => this.sample()),
        startWith(this.sample()),
        pairwise(),
        map(([before, now]) => ({
          type: 'node.figures',
          data: figuresBetween(before, now),
          ephemeral: true,
        })),
      ),
    );
  }

  private sample(): NodeSample {
    const { connections, channels, lagging, delivered, bytes } = this.channels.stats();
    const memoryBytes = process.memoryUsage.rss();
    return { connections, channels, lagging, delivered, bytes, memoryBytes, at: performance.now() };
  }
}
