import type { Cancel, Clock } from '@nestcast/hub';

interface Task {
  readonly dueAt: number;
  readonly run: () => void;
}

/** A clock that stands still until a test turns it. */
export class ManualClock implements Clock {
  private readonly tasks = new Set<Task>();
  private time: number;

  /** @param startAt what {@link now} tells at first, in milliseconds since the Unix epoch */
  constructor(startAt = Date.UTC(2026, 0, 1)) {
    this.time = startAt;
  }

  now(): number {
    return this.time;
  }

  /** How many tasks are scheduled and have neither run nor been cancelled. */
  get pending(): number {
    return this.tasks.size;
  }

  schedule(delayMs: number, task: () => void): Cancel {
    if (Number.isNaN(delayMs)) {
      throw new RangeError('A delay is a number of milliseconds, but got NaN.');
    }
    const entry: Task = { dueAt: this.time + Math.max(0, delayMs), run: task };
    this.tasks.add(entry);
    return () => {
      this.tasks.delete(entry);
    };
  }

  /**
   * Moves time on and runs what falls due, in due order (of two due at once the one scheduled first); also what these
   * tasks schedule within the span. A task sees its own due time as {@link now}; an error it throws is thrown here.
   */
  advance(ms: number): void {
    if (!(ms >= 0)) {
      throw new RangeError(
        `Time only moves forward: advance(ms) takes a number of 0 or more, but got ${ms}.`,
      );
    }
    const end = this.time + ms;
    for (let task = this.earliest(end); task; task = this.earliest(end)) {
      this.tasks.delete(task);
      this.time = Math.max(this.time, task.dueAt);
      task.run();
    }
    this.time = end;
  }

  private earliest(until: number): Task | undefined {
    let found: Task | undefined;
    for (const task of this.tasks) {
      if (task.dueAt <= until && (!found || task.dueAt < found.dueAt)) {
        found = task;
      }
    }
    return found;
  }
}
