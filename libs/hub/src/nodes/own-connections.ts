import type { Clock } from '../clock.js';
import type { Connections } from '../connections.js';
import { assertDisconnectReason } from '../disconnect-reason.js';
import { closeSpread } from '../drain.js';
import type { EventBatchers } from '../event-batchers.js';
import { type Presence, presenceOf } from '../presence.js';
import type { Change } from './node-message.js';

export interface OwnConnectionsContext {
  readonly clock: Clock;
  readonly connections: Connections;
  /** What has been published on this node and has not reached the broker yet. */
  readonly batchers: EventBatchers;
  /** Resolves when what the broker has delivered so far has been written to the connections. */
  readonly written: () => Promise<void>;
  /** Over how many milliseconds clients come back that all have to. */
  readonly reconnectWindowMs: number;
}

/** The connections of this node, for what is done to those of all nodes. */
export class OwnConnections {
  constructor(private readonly context: OwnConnectionsContext) {}

  get count(): number {
    return this.context.connections.size;
  }

  /** Resolves when what has been published so far on this node has reached the broker. */
  sent(): Promise<void> {
    return this.context.batchers.flushed();
  }

  /**
   * Selects the connections that a change is about, as of now; rights are taken back at once.
   *
   * @returns makes the change, after what the broker has delivered until then; tells how many it was
   * @throws SseError `INVALID_OPTION` if the filter names nothing, or something that is unknown or empty, or for a bad reason
   */
  select(change: Change): () => Promise<number> {
    const { connections, written } = this.context;
    if (change.kind === 'disconnect') {
      const { filter, reason } = change;
      assertDisconnectReason(reason);
      const selected = reason === 'revoked' ? connections.revoke(filter) : connections.select(filter);
      return async () => {
        // What was published before it still arrives, "you have been removed" not least.
        await written();
        selected.forEach((connection) => connection.close(reason));
        return selected.length;
      };
    }
    const { filter, channel } = change;
    const selected = connections.select(filter).filter(({ channels }) => channels.has(channel));
    return async () => {
      await written();
      selected.forEach((connection) => connection.reader?.leave(channel));
      return selected.length;
    };
  }

  /** Notes whose rights were taken back before this node was there; `at` in milliseconds since the Unix epoch. */
  remember(change: Change, at: number): void {
    if (change.kind === 'disconnect' && change.reason === 'revoked') {
      this.context.connections.revoked(change.filter, at);
    }
  }

  presence(channel: string): Presence[] {
    return presenceOf(this.context.connections.list(), channel);
  }

  /** Ends all, for their clients to come back one after the other and their guards to decide anew. */
  closeAll(): Promise<void> {
    const { connections, clock, reconnectWindowMs } = this.context;
    return closeSpread(connections.list(), 'server', reconnectWindowMs, clock);
  }
}
