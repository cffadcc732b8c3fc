import { type SseEventOf, SseChannelRegistry } from '@nestcast/sse';
import {
  type BeforeApplicationShutdown,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { type Observable, Subject, type Subscription, filter, map, retry, timer } from 'rxjs';

import type { OpenConnection } from './operations-events.js';

/** What nodes ask each other, and answer. No route leads to this channel. */
export interface ControlEvents {
  /** Somebody looks at the figures, on some node. */
  'figures.wanted': Readonly<Record<string, never>>;
  'connections.wanted': { readonly question: string; readonly userId: string };
  'connections.told': { readonly question: string; readonly connections: readonly OpenConnection[] };
}

type Type = keyof ControlEvents;

const CONTROL = 'operations/control';
const RETRY_MS = 1_000;

/** What is said among the nodes for the operations page: all hear it, the one that says it too, and no log keeps it. */
@Injectable()
export class OperationsControl implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger(OperationsControl.name);
  private readonly heard = new Subject<{ readonly type: string; readonly data: unknown }>();
  private subscription: Subscription | undefined;

  constructor(private readonly channels: SseChannelRegistry) {}

  onApplicationBootstrap(): void {
    const again = (error: unknown): Observable<unknown> => {
      this.logger.warn(`What other nodes ask can’t be heard now: ${String(error)}`);
      return timer(RETRY_MS);
    };
    this.subscription = this.channels
      .channel<ControlEvents>(CONTROL)
      .events$.pipe(retry({ delay: again }))
      .subscribe((event) => this.heard.next(event));
  }

  /** What this node would tell from now on, nobody needs. */
  beforeApplicationShutdown(): void {
    this.subscription?.unsubscribe();
    this.heard.complete();
  }

  on<T extends Type>(type: T): Observable<ControlEvents[T]> {
    return this.heard.pipe(
      filter((event) => event.type === type),
      map(({ data }) => data as ControlEvents[T]),
    );
  }

  /** @throws SseError `BROKER_UNAVAILABLE`, as a rejection */
  async tell<T extends Type>(type: T, data: ControlEvents[T]): Promise<void> {
    const event = { type, data, ephemeral: true } as SseEventOf<ControlEvents>;
    await this.channels.publish<ControlEvents>(CONTROL, event);
  }
}
