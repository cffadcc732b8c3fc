import { AsyncResource } from 'node:async_hooks';
import type { Cancel, Clock } from './clock.js';

const TICK_MS = 20;
const SLOTS = 512;
/** The longest that a timer of Node's can wait. */
const MAX_TIMEOUT_MS = 2 ** 31 - 1;

class Task {
  previous: Task | undefined;
  next: Task | undefined;
  slot = -1;

  constructor(
    readonly dueTick: number,
    readonly run: () => void,
  ) {}
}

/**
 * All the hub's timers on one of Node's: a hashed wheel of 512 slots of 20 ms. To schedule and to cancel costs O(1);
 * while nothing is due the one timer sleeps until the next slot that holds something; with nothing scheduled there is
 * no timer at all. It never keeps the process alive. Tasks run in the async context in which the wheel was made: nobody's
 * request, whoever has scheduled the first of them.
 */
export class TimerWheel implements Clock {
  private readonly slots: (Task | undefined)[] = Array.from({ length: SLOTS });
  private size = 0;
  /** The last tick whose slot has been run. */
  private tick = 0;
  private timer: NodeJS.Timeout | undefined;
  private timerTick = 0;
  private readonly startedAt = performance.now();
  private readonly own = new AsyncResource('NestcastTimerWheel');

  /** How many tasks are scheduled. */
  get pending(): number {
    return this.size;
  }

  /** Milliseconds since the Unix epoch, from the monotonic clock. */
  now(): number {
    return performance.timeOrigin + performance.now();
  }

  schedule(delayMs: number, run: () => void): Cancel {
    if (!Number.isFinite(delayMs)) {
      throw new RangeError(`A delay is a finite number of milliseconds, but got ${delayMs}.`);
    }
    if (this.size === 0) {
      this.tick = this.currentTick();
    }
    const due = performance.now() - this.startedAt + Math.max(0, delayMs);
    // Rounded up, so never early; past the tick that may be running, so never missed by it.
    const task = new Task(Math.max(Math.ceil(due / TICK_MS), this.currentTick() + 1), run);
    this.insert(task);
    this.wakeAt(task.dueTick);
    return () => this.remove(task);
  }

  private insert(task: Task): void {
    const slot = task.dueTick % SLOTS;
    const head = this.slots[slot];
    task.slot = slot;
    task.next = head;
    if (head) {
      head.previous = task;
    }
    this.slots[slot] = task;
    this.size += 1;
  }

  private remove(task: Task): void {
    if (task.slot === -1) {
      return;
    }
    if (task.previous) {
      task.previous.next = task.next;
    } else {
      this.slots[task.slot] = task.next;
    }
    if (task.next) {
      task.next.previous = task.previous;
    }
    task.previous = undefined;
    task.next = undefined;
    task.slot = -1;
    this.size -= 1;
    if (this.size === 0) {
      this.stop();
    }
  }

  private stop(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
  }

  private wakeAt(tick: number): void {
    if (this.timer !== undefined && this.timerTick <= tick) {
      return;
    }
    this.stop();
    this.timerTick = tick;
    const delay = this.startedAt + tick * TICK_MS - performance.now();
    const waitMs = Math.min(Math.max(1, Math.ceil(delay)), MAX_TIMEOUT_MS);
    this.timer = this.own.runInAsyncScope(() => setTimeout(() => this.turn(), waitMs));
    this.timer.unref();
  }

  private currentTick(): number {
    return Math.floor((performance.now() - this.startedAt) / TICK_MS);
  }

  private turn(): void {
    this.timer = undefined;
    const now = this.currentTick();
    try {
      for (const task of this.dueBy(now)) {
        // A task may have cancelled another that is due with it.
        if (task.slot !== -1) {
          this.remove(task);
          task.run();
        }
      }
      this.tick = now;
    } finally {
      // Also when a task threw: what it left behind is still due and runs in a turn of its own.
      if (this.size > 0) {
        this.wakeAt(this.nextTick());
      }
    }
  }

  private dueBy(now: number): Task[] {
    const due: Task[] = [];
    // After a long block every slot is looked at once; a task's own tick tells whether it is due.
    const last = Math.min(now, this.tick + SLOTS);
    for (let tick = this.tick + 1; tick <= last; tick += 1) {
      for (let task = this.slots[tick % SLOTS]; task; task = task.next) {
        if (task.dueTick <= now) {
          due.push(task);
        }
      }
    }
    // A slot has the newest first; what is due at once runs as it was scheduled.
    return due.toReversed().sort((a, b) => a.dueTick - b.dueTick);
  }

  /** The next tick with a task in its slot, at most one turn of the wheel ahead. */
  private nextTick(): number {
    for (let tick = this.tick + 1; tick < this.tick + SLOTS; tick += 1) {
      if (this.slots[tick % SLOTS]) {
        return tick;
      }
    }
    return this.tick + SLOTS;
  }
}
