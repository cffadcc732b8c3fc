import {
  type AttachOptions,
  type Channel,
  type ChannelEvent,
  type Connection,
  type ConnectionFilter,
  type DisconnectReason,
  type EventId,
  Hub,
  type LifecycleEvent,
  type Presence,
  type SseEvent,
  type StatsSnapshot,
} from '@nestcast/hub';
import { Injectable } from '@nestjs/common';
import type { Observable } from 'rxjs';
import { ResolvedSseOptions } from './sse.options.js';

/** Figures of one node, as a plain object. */
export interface SseStats extends StatsSnapshot {
  /** How much of `limits.total` is taken, 0 to 1; `undefined` where there is no such limit. */
  readonly utilisation: number | undefined;
}

/** The application's way to its channels and connections. */
@Injectable()
export class SseChannelRegistry {
  constructor(
    private readonly hub: Hub,
    private readonly options: ResolvedSseOptions,
  ) {}

  /** Opens and closes on this node: each connection once, with its one reason. */
  get lifecycle$(): Observable<LifecycleEvent> {
    return this.hub.lifecycle$;
  }

  /**
   * Publishes an event to everybody who listens to the channel, on whichever node.
   *
   * @returns the event's id, once it is in the log (of a channel that publishes in batches: the batch's); the empty string
   * for an ephemeral event, which has none
   * @throws SseError `INVALID_CHANNEL_NAME`, `INVALID_EVENT_TYPE`, `INVALID_EVENT_DATA`, `INVALID_EVENT_ID`,
   * `INVALID_EVENT_KEY`, `INVALID_RETRY` (nothing reaches anybody then), `BROKER_UNAVAILABLE`, `BROKER_CLOSED`; all as
   * a rejection
   */
  publish(name: string, event: SseEvent): Promise<EventId> {
    return this.hub.publish(name, event);
  }

  /**
   * A handle on a channel: its `events$`, and what a handler may return in place of a name.
   *
   * @throws SseError `INVALID_CHANNEL_NAME`
   */
  channel(name: string): Channel {
    return this.hub.channel(name);
  }

  /**
   * The newest events that the log has of the channels, at most `limit` (default 100), the oldest of them first, from
   * whichever node they were published on. For a list that a page begins with; what the log has dropped isn't among them.
   *
   * @throws SseError `INVALID_CHANNEL_NAME`, `INVALID_OPTION` for a limit that is no whole number above 0,
   * `BROKER_UNAVAILABLE` or `BROKER_CLOSED`, as a rejection
   */
  history(names: string | readonly string[], limit = 100): Promise<ChannelEvent[]> {
    return this.hub.history([names].flat(), limit);
  }

  /**
   * Publishes to the channel what the source emits, subscribed to only while somebody listens on this node: once for
   * all of them, and for `lingerMs` (default 5,000) after the last has left.
   *
   * @returns a function that detaches it
   * @throws SseError `INVALID_CHANNEL_NAME`
   */
  attach(name: string, source: Observable<SseEvent>, options?: AttachOptions): () => void {
    return this.hub.attach(name, source, options);
  }

  /**
   * Closes the connections that match every field of the filter; `revoked` tells that they have lost their right.
   *
   * @returns how many on this node
   * @throws SseError `INVALID_OPTION` if the filter names nothing, or something unknown or empty, or for another reason; as a
   * rejection
   */
  disconnect(filter: ConnectionFilter, reason?: DisconnectReason): Promise<number> {
    return this.hub.disconnect(filter, reason);
  }

  /**
   * Takes the connections that match out of a channel; one that is left without any is closed with `revoked`.
   *
   * @returns how many on this node
   * @throws SseError `INVALID_OPTION` if the filter names nothing, or something unknown or empty; as a rejection
   */
  unsubscribe(filter: ConnectionFilter, name: string): Promise<number> {
    return this.hub.unsubscribe(filter, name);
  }

  /** The connections of this node. */
  connections(): Connection[] {
    return this.hub.connections();
  }

  /**
   * Sends an event to one connection of this node alone, with no id unless it is given one. No log has it: a client that
   * reads too slowly to take it could not catch up, and is closed with the reason `overflow`, whatever the policy.
   *
   * @returns whether there is such a connection
   * @throws SseError if the event can't be written
   */
  send(connectionId: string, event: SseEvent): boolean {
    const connection = this.hub.connection(connectionId);
    connection?.send(event);
    return connection !== undefined;
  }

  /** Who is connected to a channel, a user a line. */
  presence(name: string): Promise<Presence[]> {
    return this.hub.presence(name);
  }

  /** Figures of this node since its start. */
  stats(): SseStats {
    const stats = this.hub.stats();
    const { total } = this.options.limits;
    return { ...stats, utilisation: total === undefined ? undefined : taken(stats.connections, total) };
  }
}

/** A limit of 0 is always full. */
function taken(connections: number, total: number): number {
  return total === 0 ? 1 : connections / total;
}
