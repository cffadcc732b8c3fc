import type { Cancel, Clock } from '../clock.js';

/** A clock that a spec turns by hand. */
export class HandClock implements Clock {
  private time = 1_000_000;
  private readonly tasks = new Map<object, { readonly at: number; readonly run: () => void }>();

  now(): number {
    return this.time;
  }

  /** Tasks that have neither run nor been cancelled. */
  get pending(): number {
    return this.tasks.size;
  }

  schedule(delayMs: number, run: () => void): Cancel {
    const key = {};
    this.tasks.set(key, { at: this.time + delayMs, run });
    return () => void this.tasks.delete(key);
  }

  advance(ms: number): void {
    const end = this.time + ms;
    for (let next = this.firstDue(end); next; next = this.firstDue(end)) {
      const [key, { at, run }] = next;
      this.tasks.delete(key);
      this.time = Math.max(this.time, at);
      run();
    }
    this.time = end;
  }

  private firstDue(end: number): [object, { readonly at: number; readonly run: () => void }] | undefined {
    return [...this.tasks].filter(([, { at }]) => at <= end).toSorted(([, a], [, b]) => a.at - b.at)[0];
  }
}
