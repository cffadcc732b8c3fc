import type { Cancel } from '../clock.js';

/**
 * The time in which a channel's events wait to leave in one write, from the arrival of the first on. Order goes before it:
 * a reader of several channels gets what waits early, with another channel's next event.
 */
export class CoalescingWindow {
  /** By reader: how many of the channel's pending events it has had early. Most windows need none. */
  private early: Map<object, number> | undefined;
  /** The last flush in whose time an event arrived, and how many were pending when it began. */
  private flush = 0;
  private pendingBefore = 0;

  /** @param cancel ends its timer */
  constructor(readonly cancel: Cancel) {}

  /** Whether some reader has had events early. */
  get shared(): boolean {
    return this.early !== undefined;
  }

  /** To be called before an event becomes pending. */
  arriving(flush: number, pending: number): void {
    if (this.flush !== flush) {
      this.flush = flush;
      this.pendingBefore = pending;
    }
  }

  /**
   * How many of the `pending` events had arrived when the flush began. Later ones are none of its business: an event of
   * another channel that is to be read before them may wait for the next flush.
   */
  pendingAt(flush: number, pending: number): number {
    return this.flush === flush ? this.pendingBefore : pending;
  }

  /** How many of the pending events the reader has had. */
  hadBy(reader: object): number {
    return this.early?.get(reader) ?? 0;
  }

  /** The reader has the first `count` pending events. */
  give(reader: object, count: number): void {
    this.early ??= new Map();
    this.early.set(reader, count);
  }
}
