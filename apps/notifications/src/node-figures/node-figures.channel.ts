import { randomUUID } from 'node:crypto';

import { type SseEvent, SseChannelRegistry } from '@nestcast/sse';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { type Observable, map, timer } from 'rxjs';

import { nodeFiguresOf } from './node-figures.js';
import { OnlineUsers } from './online-users.js';

const EVERY_MS = 1_000;
const AFTER_THE_LAST_MS = 2_000;

/** Figures of this node, every second, taken only while somebody looks at them. */
@Injectable()
export class NodeFiguresChannel implements OnModuleInit {
  /** Every node has its own: a page shows the figures of the one that serves it. */
  readonly name = `node/figures/${randomUUID()}`;

  constructor(
    private readonly channels: SseChannelRegistry,
    private readonly users: OnlineUsers,
  ) {}

  onModuleInit(): void {
    this.channels.attach(this.name, this.figures(), { lingerMs: AFTER_THE_LAST_MS });
  }

  /** Ephemeral: nobody wants to catch up on them. */
  private figures(): Observable<SseEvent> {
    return timer(0, EVERY_MS).pipe(
      map(() => ({
        type: 'node.figures',
        data: nodeFiguresOf(this.channels.stats(), this.users.count, this.channels.nodes()),
        ephemeral: true,
      })),
    );
  }
}
