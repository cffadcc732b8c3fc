import type { BrokerEvent } from '../event.js';

/**
 * The log of one channel: its events in id order, oldest dropped first. A plain array with a moving start, compacted
 * when half of it is gone, so that an append costs O(1) on average and a replay is one slice.
 */
export class ChannelLog {
  private events: BrokerEvent[] = [];
  private start = 0;

  /** The place of the newest event that has been dropped: a cursor before it has a gap. */
  droppedThrough: number;

  /** Whether the newest event ever appended was final; outlives the event itself. */
  ended: boolean;

  constructor(
    private readonly maxEvents: number,
    private readonly maxAgeMs: number,
    past: { readonly droppedThrough: number; readonly ended: boolean },
  ) {
    this.droppedThrough = past.droppedThrough;
    this.ended = past.ended;
  }

  get size(): number {
    return this.events.length - this.start;
  }

  append(event: BrokerEvent): void {
    this.events.push(event);
    this.ended = event.final;
    while (this.size > this.maxEvents) {
      this.dropOldest();
    }
    this.dropExpired(event.at);
  }

  /** Drops what is older than the log keeps, seen at the time `now` (milliseconds). */
  dropExpired(now: number): void {
    const oldestKept = now - this.maxAgeMs;
    for (
      let event = this.events[this.start];
      event && event.at < oldestKept;
      event = this.events[this.start]
    ) {
      this.dropOldest();
    }
  }

  /** At most `limit` events whose place is after `seq`. */
  after(seq: number, limit: number): BrokerEvent[] {
    const from = this.indexAfter(seq);
    return this.events.slice(from, from + limit);
  }

  private indexAfter(seq: number): number {
    let low = this.start;
    let high = this.events.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.events[middle] as BrokerEvent).seq > seq) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return low;
  }

  private dropOldest(): void {
    this.droppedThrough = (this.events[this.start] as BrokerEvent).seq;
    this.start += 1;
    if (this.start >= 32 && this.start * 2 >= this.events.length) {
      this.events = this.events.slice(this.start);
      this.start = 0;
    }
  }
}
