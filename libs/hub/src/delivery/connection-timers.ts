import type { Cancel, Clock } from '../clock.js';

/** The timers of one connection, which end together. */
export class ConnectionTimers {
  private readonly running = new Set<Cancel>();
  private ended = false;

  constructor(private readonly clock: Clock) {}

  /** Runs `task` after the delay, unless {@link end} comes first. */
  after(delayMs: number, task: () => void): Cancel {
    if (this.ended) {
      return () => undefined;
    }
    const cancel = this.clock.schedule(delayMs, () => {
      this.running.delete(cancel);
      task();
    });
    this.running.add(cancel);
    return () => {
      this.running.delete(cancel);
      cancel();
    };
  }

  end(): void {
    this.ended = true;
    for (const cancel of this.running) {
      cancel();
    }
    this.running.clear();
  }
}
