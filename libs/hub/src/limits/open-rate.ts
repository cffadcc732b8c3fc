import type { Cancel, Clock } from '../clock.js';

const WINDOW_MS = 60_000;

/** Opens per minute and key, counted in a sliding window of the times themselves: exact, and forgotten when quiet. */
export class OpenRate {
  private readonly opens = new Map<string, number[]>();
  private cancelSweep: Cancel | undefined;

  constructor(private readonly clock: Clock) {}

  /** @returns 0 if the open is within the limit (it is counted then), else the milliseconds until the next may be */
  take(key: string, perMinute: number): number {
    const now = this.clock.now();
    const recent = (this.opens.get(key) ?? []).filter((at) => at > now - WINDOW_MS);
    if (recent.length >= perMinute) {
      const oldest = recent.at(-perMinute) ?? now;
      return Math.max(1, oldest + WINDOW_MS - now);
    }
    recent.push(now);
    this.opens.set(key, recent);
    this.cancelSweep ??= this.clock.schedule(WINDOW_MS, () => this.sweep());
    return 0;
  }

  /** Forgets everything, and the timer with it. */
  clear(): void {
    this.opens.clear();
    this.cancelSweep?.();
    this.cancelSweep = undefined;
  }

  private sweep(): void {
    const past = this.clock.now() - WINDOW_MS;
    for (const [key, times] of this.opens) {
      if ((times.at(-1) ?? 0) <= past) {
        this.opens.delete(key);
      }
    }
    this.cancelSweep = this.opens.size > 0 ? this.clock.schedule(WINDOW_MS, () => this.sweep()) : undefined;
  }
}
