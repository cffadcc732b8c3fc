import { AsyncResource } from 'node:async_hooks';
import type { Clock } from '../clock.js';
import type { BrokerEvent } from '../event.js';
import type { HubObserver } from '../hub-observer.js';
import type { LiveChannel } from '../live-channel.js';
import { Audiences, Portion } from './audiences.js';
import { CoalescingWindow } from './coalescing-window.js';

/** How long a slice of a fan-out may hold the event loop; milliseconds. */
export const FAN_OUT_BUDGET_MS = 5;
/** How many connections are written to between two looks at the clock. */
const CLOCK_EVERY = 64;

/**
 * Gathers the events of one turn of the event loop and writes them to every connection of their channels: one batch an
 * audience, one write a connection, in slices that yield to the event loop. While it runs the next batch gathers. The
 * events of a channel with a coalescing window are held until its end.
 */
export class FanOut {
  private gathering: LiveChannel[] = [];
  /** Channels whose window is open. */
  private readonly held = new Set<LiveChannel>();
  /** How many flushes have begun. */
  private flushes = 0;
  private scheduled = false;
  private running: Generator<void, void> | undefined;
  private waiting: (() => void)[] = [];
  /** Nobody's: one turn has the events of many publishers. */
  private readonly own = new AsyncResource('NestcastFanOut');

  /** @param budgetMs how long a slice may hold the event loop, in milliseconds */
  constructor(
    private readonly clock: Clock,
    private readonly budgetMs: number,
    private readonly observer?: HubObserver,
  ) {}

  enqueue(channel: LiveChannel, event: BrokerEvent): void {
    if (channel.pending.length === 0) {
      if (channel.coalesceMs > 0) {
        this.hold(channel);
      } else {
        this.gathering.push(channel);
      }
    }
    channel.window?.arriving(this.flushes, channel.pending.length);
    channel.add(event);
    if (!channel.window) {
      this.schedule();
    } else if (event.final) {
      this.release(channel);
    }
  }

  /** Resolves when what has been published so far has been written. It ends all windows. */
  flushed(): Promise<void> {
    this.held.forEach((channel) => this.release(channel));
    return this.scheduled ? new Promise((resolve) => this.waiting.push(resolve)) : Promise.resolve();
  }

  private schedule(): void {
    if (!this.scheduled) {
      this.scheduled = true;
      this.own.runInAsyncScope(() => setImmediate(() => this.turn()));
    }
  }

  private turn(): void {
    this.scheduled = false;
    this.running ??= this.deliverGathered();
    if (this.running.next().done) {
      this.running = undefined;
    }
    if (this.running || this.gathering.length > 0) {
      this.schedule();
    } else {
      this.waiting.splice(0).forEach((resolve) => resolve());
    }
  }

  /** Its events wait, unless they are gathered already. */
  private hold(channel: LiveChannel): void {
    const cancel = this.clock.schedule(channel.coalesceMs, () => this.release(channel));
    channel.window = new CoalescingWindow(cancel);
    this.held.add(channel);
  }

  /** The next flush takes its events, which stay in reach of the one under way. */
  private release(channel: LiveChannel): void {
    if (this.held.delete(channel)) {
      channel.window?.cancel();
      this.gathering.push(channel);
      this.schedule();
    }
  }

  private gather(): Map<LiveChannel, Portion> {
    const gathered = new Map<LiveChannel, Portion>();
    for (const channel of this.gathering) {
      gathered.set(channel, new Portion(channel.take(), channel.window));
      channel.window = undefined;
    }
    this.gathering = [];
    this.flushes += 1;
    return gathered;
  }

  /** `undefined`: nobody needs events of several channels, or only some of one. */
  private audiencesOf(gathered: ReadonlyMap<LiveChannel, Portion>): Audiences | undefined {
    const merging =
      gathered.size > 1 ||
      this.held.size > 0 ||
      [...gathered.values()].some(({ window }) => window?.shared === true);
    return merging ? new Audiences(gathered, this.flushes) : undefined;
  }

  /** One flush; yields when its slice is used up. */
  private *deliverGathered(): Generator<void, void> {
    const { waiting } = this;
    this.waiting = [];
    const gathered = this.gather();
    const audiences = this.audiencesOf(gathered);
    const beganAt = this.clock.now();
    let now = beganAt;
    let sliceEnd = now + this.budgetMs;
    let untilClock = CLOCK_EVERY;
    for (const [channel, portion] of gathered) {
      for (const reader of channel.readers) {
        const batch = audiences ? audiences.batchFor(reader, portion) : portion.batch;
        if (batch) {
          reader.deliver(batch, now);
        }
        untilClock -= 1;
        if (untilClock === 0) {
          untilClock = CLOCK_EVERY;
          now = this.clock.now();
          if (now >= sliceEnd) {
            yield;
            now = this.clock.now();
            sliceEnd = now + this.budgetMs;
          }
        }
      }
      this.observer?.flushed(channel.name, portion.events, beganAt, this.clock.now());
    }
    waiting.forEach((resolve) => resolve());
  }
}
