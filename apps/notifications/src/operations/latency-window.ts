import { type Buckets, type Percentiles, newInBuckets, percentilesOf } from './percentiles.js';

const WINDOW_MS = 10_000;

/** The percentiles of the last ten seconds, of a histogram that counts from the start of the process on. */
export class LatencyWindow {
  /** The oldest first. */
  private looks: { readonly at: number; readonly buckets: Buckets | undefined }[] = [];

  /**
   * @param buckets as they are now; `undefined`: nothing has been counted ever
   * @param now milliseconds, of any clock that doesn't go back
   * @returns `null` where nothing was counted in the window, or this is the first look in it
   */
  look(buckets: Buckets | undefined, now: number): Percentiles | null {
    this.looks = this.looks.filter(({ at }) => at >= now - WINDOW_MS);
    const [oldest] = this.looks;
    this.looks.push({ at: now, buckets });
    return oldest && buckets ? percentilesOf(newInBuckets(buckets, oldest.buckets)) : null;
  }
}
