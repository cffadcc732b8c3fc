import type { BrokerEvent } from './event.js';

/** How many dropped places are kept before the rest moves up. */
const COMPACT_FROM = 32;

/**
 * Events in the order of their `seq`: appended at the end, dropped at the start, found by their place. A plain array with
 * a moving start, compacted when half of it is gone, so that an append costs O(1) on average and a page is one slice.
 */
export class EventQueue {
  private events: BrokerEvent[] = [];
  private start = 0;

  get size(): number {
    return this.events.length - this.start;
  }

  get oldest(): BrokerEvent | undefined {
    return this.events[this.start];
  }

  get newest(): BrokerEvent | undefined {
    return this.size > 0 ? this.events.at(-1) : undefined;
  }

  append(event: BrokerEvent): void {
    this.events.push(event);
  }

  dropOldest(): BrokerEvent | undefined {
    const dropped = this.oldest;
    if (dropped) {
      this.start += 1;
      if (this.start >= COMPACT_FROM && this.start * 2 >= this.events.length) {
        this.events = this.events.slice(this.start);
        this.start = 0;
      }
    }
    return dropped;
  }

  clear(): void {
    this.events = [];
    this.start = 0;
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
}
