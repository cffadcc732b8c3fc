/** Milliseconds. */
export interface Percentiles {
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
}

/** A histogram: how many were at most each boundary and above the one before; the last count is of those above all. */
export interface Buckets {
  /** Seconds, rising. */
  readonly boundaries: readonly number[];
  readonly counts: readonly number[];
}

/** Several histograms with the same boundaries as one; `undefined` where there is none. */
export function mergeBuckets([first, ...others]: readonly Buckets[]): Buckets | undefined {
  return (
    first && {
      boundaries: first.boundaries,
      counts: others.reduce(
        (sums, { counts }) => sums.map((sum, index) => sum + (counts[index] ?? 0)),
        first.counts,
      ),
    }
  );
}

/** What has been counted in `later`, but not yet in `earlier`. */
export function newInBuckets(later: Buckets, earlier: Buckets | undefined): Buckets {
  const counts = later.counts.map((count, index) => count - (earlier?.counts[index] ?? 0));
  return { boundaries: later.boundaries, counts };
}

/**
 * Estimated as Prometheus does: within a bucket they are taken to be spread evenly, above the highest boundary to be at it.
 *
 * @returns `null` where nothing was counted
 */
export function percentilesOf(buckets: Buckets): Percentiles | null {
  const total = buckets.counts.reduce((sum, count) => sum + count, 0);
  if (total === 0) {
    return null;
  }
  const at = (share: number): number => quantile(buckets, share * total) * 1_000;
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99) };
}

/** @param rank how many are at or below it */
function quantile({ boundaries, counts }: Buckets, rank: number): number {
  let below = 0;
  for (const [index, upper] of boundaries.entries()) {
    const count = counts[index] ?? 0;
    if (count > 0 && below + count >= rank) {
      const lower = boundaries[index - 1] ?? 0;
      return lower + (upper - lower) * ((rank - below) / count);
    }
    below += count;
  }
  return boundaries.at(-1) ?? 0;
}
