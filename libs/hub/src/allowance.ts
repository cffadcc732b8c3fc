import type { Cancel, Clock } from './clock.js';

/** A bounded time for waiting for others, in as many parts as there are to wait for. */
export class Allowance {
  constructor(
    private readonly clock: Clock,
    /** What is left of it; milliseconds. */
    private left: number,
  ) {}

  get leftMs(): number {
    return Math.max(0, this.left);
  }

  /** Waits for the work, for this share of what is left at most; tells whether it was done. */
  async within(work: Promise<unknown>, share = 1): Promise<boolean> {
    let cancel: Cancel | undefined;
    const late = new Promise<false>((resolve) => {
      cancel = this.clock.schedule(share * this.leftMs, () => resolve(false));
    });
    try {
      return await this.spend(Promise.race([work.then(() => true), late]));
    } finally {
      cancel?.();
    }
  }

  /**
   * Waits for work that has a bound of its own.
   *
   * @param atMost what it takes of the allowance at most, in milliseconds, for work that is more than waiting
   */
  async spend<T>(work: Promise<T>, atMost = Infinity): Promise<T> {
    const began = this.clock.now();
    try {
      return await work;
    } finally {
      this.left -= Math.min(atMost, this.clock.now() - began);
    }
  }
}
