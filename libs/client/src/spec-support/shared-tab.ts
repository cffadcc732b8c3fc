import { createCursor } from '../cursor.js';
import { type SseClientOptions, resolveOptions } from '../options.js';
import { createSharedConnection } from '../shared/shared-connection.js';
import type { ConnectionState } from '../snapshot.js';
import type { Cursor, Sink, Source } from '../source.js';
import type { SseClientError } from '../sse-client-error.js';
import { createStats } from '../stats.js';
import type { LogServer } from './log-server.js';
import type { MemoryLocks } from './memory-locks.js';

export interface SharedTabSetup {
  readonly server: LogServer;
  readonly locks: MemoryLocks;
  readonly options?: SseClientOptions;
  readonly cursor?: Cursor;
  /** Default: the platform's own. */
  readonly channel?: (name: string) => BroadcastChannel;
  /** In place of the server's. */
  readonly fetch?: SseClientOptions['fetch'];
}

/** A tab: what a client makes of a shared connection, without the client. */
export class SharedTab {
  readonly events: string[] = [];
  readonly controls: string[] = [];
  readonly errors: SseClientError[] = [];
  readonly states: Partial<ConnectionState>[] = [];
  readonly cursor: Cursor;
  readonly source: Source;
  private readonly locks: MemoryLocks;
  private readonly channels: BroadcastChannel[] = [];
  private crashed = false;

  constructor({ server, locks, options, cursor, channel, fetch }: SharedTabSetup) {
    this.locks = locks;
    this.cursor = cursor ?? createCursor(undefined);
    const sink: Sink = {
      block: ({ id, type, data }) => {
        if (this.crashed) {
          return;
        }
        if (id !== undefined) {
          this.cursor.move(id);
        }
        if (data !== undefined) {
          (type.startsWith('sse:') ? this.controls : this.events).push(type.startsWith('sse:') ? type : data);
        }
      },
      change: (state) => {
        this.states.push(state);
        if (state.error && state.error !== this.errors.at(-1)) {
          this.errors.push(state.error);
        }
      },
      ready: () => undefined,
    };
    const context = {
      options: resolveOptions('http://server.test/events', {
        backoff: { baseMs: 1 },
        fetch: fetch ?? (async (url, init) => server.fetch(url, init)),
        ...options,
      }),
      cursor: this.cursor,
      sink,
      stats: createStats(),
    };
    this.source = createSharedConnection(context, {
      locks: locks.of(this),
      channel: (name) => {
        const made = channel?.(name) ?? new BroadcastChannel(name);
        this.channels.push(made);
        return made;
      },
    });
    this.source.open();
  }

  get state(): ConnectionState {
    return Object.assign({}, ...this.states) as ConnectionState;
  }

  close(): void {
    this.source.close();
  }

  /** Ends it without a word to the others. */
  crash(): void {
    this.crashed = true;
    this.channels.forEach((channel) => channel.close());
    this.locks.crash(this);
    this.source.close();
  }
}
