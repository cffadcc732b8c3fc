import type { Cancel, Clock } from '@nestcast/hub';

/** Real time, for brokers whose log lives in an engine with a clock of its own. */
export class SystemClock implements Clock {
  now(): number {
    return Date.now();
  }

  schedule(delayMs: number, task: () => void): Cancel {
    const timer = setTimeout(task, delayMs);
    return () => clearTimeout(timer);
  }
}
