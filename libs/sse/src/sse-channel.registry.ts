import {
  type AttachOptions,
  type Channel,
  type ChannelEvent,
  type Connection,
  type ConnectionFilter,
  type DisconnectReason,
  type EventId,
  Hub,
  type HubNode,
  type LifecycleEvent,
  type Presence,
  type SseEvent,
  type SseEventOf,
  type StatsSnapshot,
} from '@nestcast/hub';
import { Injectable } from '@nestjs/common';
import type { Observable } from 'rxjs';
import { ResolvedSseOptions } from './sse.options.js';

/** Figures of one node, as a plain object. */
export interface SseStats extends StatsSnapshot {
  /**
   * How much of `limits.total` the connections of this node take, 0 to 1; `undefined` where there is no such limit. Where the limit
   * is counted over all nodes, theirs are to be added up.
   */
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
   * @typeParam Events a map of event types to their data that the compiler holds the event against; default: any event
   * @returns the event's id, once it is in the log (of a channel that publishes in batches: the batch's); the empty string
   * for an ephemeral event, which has none
   * @throws SseError `INVALID_CHANNEL_NAME`, `INVALID_EVENT_TYPE`, `INVALID_EVENT_DATA`, `INVALID_EVENT_ID`,
   * `INVALID_EVENT_KEY`, `INVALID_RETRY` (nothing reaches anybody then), `BROKER_UNAVAILABLE`, `BROKER_CLOSED`; all as
   * a rejection
   */
  // oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- given, never inferred: an event would fit any map made of it
  publish<Events extends object = object>(
    name: string,
    event: SseEventOf<NoInfer<Events>>,
  ): Promise<EventId> {
    return this.hub.publish(name, event);
  }

  /**
   * A handle on a channel: its `publish()` and `events$`, and what a handler may return in place of a name.
   *
   * @typeParam Events a map of event types to their data, for the compiler alone; default: any events
   * @throws SseError `INVALID_CHANNEL_NAME`
   */
  channel<Events extends object = object>(name: string): Channel<Events> {
    return this.hub.channel<Events>(name);
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
   * Closes the connections that match every field of the filter, on all nodes; `revoked` tells that they have lost their
   * right. What has been published before it still arrives, nothing that is published after it has resolved. A node that is
   * cut off from the broker closes its own when it is back.
   *
   * @returns how many, on all nodes that have answered within a second
   * @throws SseError `INVALID_OPTION` if the filter names nothing, or something unknown or empty, or for another reason;
   * `BROKER_UNAVAILABLE` or `BROKER_CLOSED` if the broker has not taken it within a second: it is done on this node then, but
   * others may not have been told; all as a rejection
   */
  disconnect(filter: ConnectionFilter, reason?: DisconnectReason): Promise<number> {
    return this.hub.disconnect(filter, reason);
  }

  /**
   * Takes the connections that match out of a channel, on all nodes; one that is left without any is closed with `revoked`.
   *
   * @returns how many, on all nodes that have answered within a second
   * @throws SseError as {@link disconnect}
   */
  unsubscribe(filter: ConnectionFilter, name: string): Promise<number> {
    return this.hub.unsubscribe(filter, name);
  }

  /** The connections of this node; for those of all nodes there are {@link presence} and {@link nodes}. */
  connections(): Connection[] {
    return this.hub.connections();
  }

  /**
   * Sends an event to one connection of this node alone (another node's can be reached by a channel of its own), with no id
   * unless it is given one. No log has it: a client that reads too slowly to take it could not catch up, and is closed with
   * the reason `overflow`, whatever the policy.
   *
   * @returns whether there is such a connection on this node
   * @throws SseError if the event can't be written
   */
  send(connectionId: string, event: SseEvent): boolean {
    const connection = this.hub.connection(connectionId);
    connection?.send(event);
    return connection !== undefined;
  }

  /**
   * Who is connected to a channel, a user a line, on all nodes that are alive and answer within a second.
   *
   * @throws SseError `BROKER_UNAVAILABLE` or `BROKER_CLOSED` if there are others and they can't be asked; as a rejection
   */
  presence(name: string): Promise<Presence[]> {
    return this.hub.presence(name);
  }

  /**
   * The nodes that use the same log, this one first, and how many connections each has. One that has said nothing for 6 s
   * is not among them. Where the broker is not shared it is this one alone.
   */
  nodes(): HubNode[] {
    return this.hub.nodes();
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
