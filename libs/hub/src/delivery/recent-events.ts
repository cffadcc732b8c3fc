import type { HistoryOptions, Replay } from '../broker/broker.js';
import type { Clock } from '../clock.js';
import type { BrokerEvent, EventId } from '../event.js';
import { EventQueue } from '../event-queue.js';

/** A channel, as far as reading what this node has had of it goes. */
export interface KnownChannel {
  /** The place after which this node has had every event of the channel; Infinity: not known. */
  readonly knownSince: number;
  /** Whether the last event that this node has had of it was final. */
  readonly ended: boolean;
}

export interface RecentEventsBounds {
  readonly maxEvents: number;
  /** Characters of data. */
  readonly maxLength: number;
}

export const RECENT: RecentEventsBounds = { maxEvents: 1_024, maxLength: 4 * 1_024 * 1_024 };

/**
 * The newest events that this node was given, of all its channels, in the broker's order: the short way for a client that
 * has lagged a moment, without a question to the broker. One bounded window for the node, however many channels it has.
 */
export class RecentEvents {
  private readonly events = new EventQueue();
  private length = 0;
  /** The place up to which events have been dropped. */
  private droppedThrough = 0;
  private readonly maxEvents: number;

  constructor(
    private readonly bounds: RecentEventsBounds,
    private readonly history: HistoryOptions,
    private readonly clock: Clock,
  ) {
    // What the log no longer gives to one client, no client gets.
    this.maxEvents = Math.min(bounds.maxEvents, history.maxEvents);
  }

  /** Takes a numbered event. */
  append(event: BrokerEvent): void {
    const { newest } = this.events;
    if (newest && newest.seq >= event.seq) {
      // No order to search in: what a broker has mixed up is its log's to tell.
      this.clear(newest.seq);
    }
    this.events.append(event);
    this.length += lengthOf(event);
    while (this.events.size > this.maxEvents || this.length > this.bounds.maxLength) {
      this.dropOldest();
    }
  }

  /**
   * What a replay of these channels would tell, if this node has had all of it; else `undefined`. So it is where a channel
   * has ended: whether all of them have is for the log to say.
   */
  replay(
    channels: ReadonlyMap<string, KnownChannel>,
    cursor: EventId,
    seq: number,
    limit: number,
  ): Replay | undefined {
    this.dropExpired();
    if (seq < this.droppedThrough) {
      return undefined;
    }
    for (const { knownSince, ended } of channels.values()) {
      if (knownSince > seq || ended) {
        return undefined;
      }
    }
    const since = this.events.after(seq, Infinity).filter(({ channel }) => channels.has(channel));
    const events = since.slice(0, limit);
    const more = since.length > limit;
    // Where nothing more is there, the place of the newest event of any channel, as a replay of the log would tell.
    const last = more ? events.at(-1) : this.newestAfter(seq);
    return { events, complete: true, cursor: last?.id ?? cursor, seq: last?.seq ?? seq, more, ended: false };
  }

  private newestAfter(seq: number): BrokerEvent | undefined {
    const { newest } = this.events;
    return newest && newest.seq > seq ? newest : undefined;
  }

  private dropExpired(): void {
    const oldestKept = this.clock.now() - this.history.maxAgeMs;
    for (let { oldest } = this.events; oldest && oldest.at < oldestKept; { oldest } = this.events) {
      this.dropOldest();
    }
  }

  private dropOldest(): void {
    const dropped = this.events.dropOldest();
    if (dropped) {
      this.droppedThrough = Math.max(this.droppedThrough, dropped.seq);
      this.length -= lengthOf(dropped);
    }
  }

  private clear(droppedThrough: number): void {
    this.events.clear();
    this.length = 0;
    this.droppedThrough = Math.max(this.droppedThrough, droppedThrough);
  }
}

function lengthOf({ data }: BrokerEvent): number {
  return data?.length ?? 0;
}
