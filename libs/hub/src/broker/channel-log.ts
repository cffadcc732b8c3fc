import type { BrokerEvent } from '../event.js';
import { EventQueue } from '../event-queue.js';

/** The log of one channel: its events in id order, oldest dropped first. */
export class ChannelLog {
  /** The place of the newest event that has been dropped: a cursor before it has a gap. */
  droppedThrough: number;

  /** Whether the newest event ever appended was final; outlives the event itself. */
  ended: boolean;

  private readonly events = new EventQueue();

  constructor(
    private readonly maxEvents: number,
    private readonly maxAgeMs: number,
    past: { readonly droppedThrough: number; readonly ended: boolean },
  ) {
    this.droppedThrough = past.droppedThrough;
    this.ended = past.ended;
  }

  get size(): number {
    return this.events.size;
  }

  append(event: BrokerEvent): void {
    this.events.append(event);
    this.ended = event.final;
    while (this.size > this.maxEvents) {
      this.dropOldest();
    }
    this.dropExpired(event.at);
  }

  /** Drops what is older than the log keeps, seen at the time `now` (milliseconds). */
  dropExpired(now: number): void {
    const oldestKept = now - this.maxAgeMs;
    for (let { oldest } = this.events; oldest && oldest.at < oldestKept; { oldest } = this.events) {
      this.dropOldest();
    }
  }

  /** At most `limit` events whose place is after `seq`. */
  after(seq: number, limit: number): BrokerEvent[] {
    return this.events.after(seq, limit);
  }

  private dropOldest(): void {
    this.droppedThrough = this.events.dropOldest()?.seq ?? this.droppedThrough;
  }
}
