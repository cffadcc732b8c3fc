/** Steps between two powers of two: a value is known to about 0.5 %. */
const STEPS = 128;
const STEP_BITS = 7;

/** What can be said of latencies; milliseconds. */
export interface LatencySummary {
  readonly count: number;
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

/** A histogram of microseconds, so cheap that it can be given every delivery. */
export class Latencies {
  private readonly buckets = new Uint32Array(33 * STEPS);
  private count = 0;
  private max = 0;

  /** @param us microseconds */
  add(us: number): void {
    const value = us < 1 ? 1 : us;
    const power = 31 - Math.clz32(value);
    const step =
      power >= STEP_BITS
        ? (value >>> (power - STEP_BITS)) & (STEPS - 1)
        : (value << (STEP_BITS - power)) & (STEPS - 1);
    const bucket = power * STEPS + step;
    this.buckets[bucket] = (this.buckets[bucket] as number) + 1;
    this.count += 1;
    this.max = Math.max(this.max, value);
  }

  clear(): void {
    this.buckets.fill(0);
    this.count = 0;
    this.max = 0;
  }

  summary(): LatencySummary {
    return { count: this.count, p50: this.quantile(0.5), p99: this.quantile(0.99), max: this.max / 1_000 };
  }

  private quantile(share: number): number {
    let left = Math.ceil(this.count * share);
    for (let bucket = 0; bucket < this.buckets.length; bucket += 1) {
      left -= this.buckets[bucket] as number;
      if (left <= 0 && this.count > 0) {
        const power = Math.floor(bucket / STEPS);
        return (2 ** power * (1 + ((bucket % STEPS) + 0.5) / STEPS)) / 1_000;
      }
    }
    return 0;
  }
}
