import { type Observable, filter, map } from 'rxjs';
import { assertChannelName } from './channel-name.js';
import type { BrokerEvent, EventId, SseEvent } from './event.js';
import type { SseEventOf } from './event-map.js';

/** An event as {@link Channel.events$} gives it. */
export interface ChannelEvent<T = unknown> {
  /** Empty for an ephemeral event. */
  readonly id: EventId;
  readonly channel: string;
  /** Empty if it was published without one. */
  readonly type: string;
  readonly data: T;
  readonly key: string | undefined;
  /** When the broker took it, in milliseconds since the Unix epoch. */
  readonly at: number;
}

/** The same of the events in a map, as {@link SseEventOf} has it: each type with its own data. */
export type ChannelEventOf<Events extends object> = [keyof Events] extends [never]
  ? ChannelEvent
  : {
      [Type in keyof Events & string]: ChannelEvent<Events[Type]> & {
        readonly type: Type extends 'message' ? Type | '' : Type;
      };
    }[keyof Events & string];

/** What a channel can be asked of its hub. @internal */
export interface ChannelSource {
  publish(name: string, event: SseEvent): Promise<EventId>;
  events(name: string): Observable<BrokerEvent>;
}

/**
 * A named stream of events: a handle that holds nothing, to be kept or thrown away as one likes.
 *
 * @typeParam Events a map of event types to their data, for the compiler alone; default: any events
 */
export class Channel<Events extends object = object> {
  /** @internal */
  constructor(
    readonly name: string,
    private readonly source: ChannelSource,
    /** Where a connection without a Last-Event-ID begins. @internal */
    readonly startsAt: 'start' | 'now' = 'now',
  ) {
    assertChannelName(name);
  }

  /**
   * A hot Observable of the channel's events, from whichever node they are published on, from the moment it is
   * subscribed to. It errors if the broker refuses the subscription, and completes when the hub closes.
   * What a subscriber throws is reported and disturbs nobody. It is live only: what is published while this node is cut off
   * from its broker does not come later, as it does to connections; that something may be missing is reported (logged).
   */
  get events$(): Observable<ChannelEventOf<Events>> {
    return this.source.events(this.name).pipe(
      filter((event) => !event.final),
      map((event) => toChannelEvent(event) as ChannelEventOf<Events>),
    );
  }

  /**
   * Publishes to the channel.
   *
   * @throws SseError as `publish()` of the registry does, as a rejection
   */
  publish(event: SseEventOf<Events>): Promise<EventId> {
    return this.source.publish(this.name, event);
  }

  /**
   * The same channel for a handler to return: a connection that comes without a Last-Event-ID gets all that the log has
   * instead of only what comes from now on.
   */
  fromStart(): Channel<Events> {
    return new Channel<Events>(this.name, this.source, 'start');
  }
}

/** As applications see it. */
export function toChannelEvent({ id, channel, type, data, json, key, at }: BrokerEvent): ChannelEvent {
  return { id, channel, type, data: json && data !== undefined ? JSON.parse(data) : data, key, at };
}
