/** How many windows back the rate of arrivals looks: more would follow a change later, fewer would take any two for a burst. */
const MEMORY_WINDOWS = 2;
/** The most batches that have to fill before a larger one is tried again. */
const MAX_PATIENCE = 64;

/**
 * How many items a batch should have, from 1 (no waiting at all) to `maxItems`: as many as a window is likely to bring.
 *
 * - The rate of arrivals is exponentially weighted: a count that each arrival raises by 1 and that time lets decay, over
 *   {@link MEMORY_WINDOWS} windows to 1/e. In the long run the count is rate × memory, so that count ÷ MEMORY_WINDOWS is
 *   rate × window: the size aimed at. Below two arrivals a window it is 1, and an item leaves at once.
 * - The rate alone misleads where publishers wait for one item before they publish the next: each would wait for a
 *   window in vain. So a window that ends with fewer items than were aimed at is the ceiling from then on; batches that
 *   fill double it again, after as many of them as the patience says. That doubles (1 to {@link MAX_PATIENCE}) with each
 *   attempt in vain, and is 1 again once a batch has more items than the last one that came short.
 */
export class BatchSize {
  /** The decaying count of arrivals, as of {@link countedAt}. */
  private count = 0;
  private countedAt = 0;
  private ceiling = Infinity;
  /** Items of the last batch that came short. */
  private shortfall = Infinity;
  private patience = 1;
  /** Batches that have filled since the ceiling was set. */
  private filled = 0;

  /** @param windowMs how long a batch may wait, in milliseconds */
  constructor(
    private readonly maxItems: number,
    private readonly windowMs: number,
  ) {}

  /** The size to aim at. */
  get target(): number {
    const expected = Math.floor(this.count / MEMORY_WINDOWS);
    return Math.max(1, Math.min(expected, this.ceiling, this.maxItems));
  }

  /** Counts an arrival; `now` in milliseconds, never less than before. */
  arrived(now: number): void {
    const memoryMs = MEMORY_WINDOWS * this.windowMs;
    this.count = this.count * Math.exp((this.countedAt - now) / memoryMs) + 1;
    this.countedAt = now;
  }

  /** A batch has had as many items as were aimed at. */
  full(items: number): void {
    if (this.ceiling === Infinity) {
      return;
    }
    if (items > this.shortfall) {
      this.patience = 1;
    }
    this.filled += 1;
    if (this.filled >= this.patience) {
      this.filled = 0;
      this.ceiling = this.ceiling >= this.maxItems ? Infinity : this.ceiling * 2;
    }
  }

  /** The window of a batch has ended before that. */
  short(items: number): void {
    this.patience = Math.min(this.patience * 2, MAX_PATIENCE);
    this.ceiling = items;
    this.shortfall = items;
    this.filled = 0;
  }
}
