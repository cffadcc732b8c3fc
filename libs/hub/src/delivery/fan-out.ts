import type { LiveChannel } from '../live-channel.js';
import type { Clock } from '../clock.js';
import type { BrokerEvent } from '../event.js';
import { Batch } from './batch.js';
import type { LogReader } from './log-reader.js';

/** How many connections are written to between two looks at the clock. */
const CLOCK_EVERY = 64;

/**
 * Gathers the events of one turn of the event loop and writes them to every connection of their channels: one batch an
 * audience, one write a connection, in slices that yield to the event loop. While it runs the next batch gathers.
 */
export class FanOut {
  private gathering: LiveChannel[] = [];
  /** Events of the gathering turn in the order in which they came, which is id order. */
  private order: BrokerEvent[] = [];
  private scheduled = false;
  private running: Generator<void, void> | undefined;

  /** @param budgetMs how long a slice may hold the event loop, in milliseconds */
  constructor(
    private readonly clock: Clock,
    private readonly budgetMs: number,
  ) {}

  enqueue(channel: LiveChannel, event: BrokerEvent): void {
    if (channel.pending.length === 0) {
      this.gathering.push(channel);
    }
    channel.pending.push(event);
    this.order.push(event);
    this.schedule();
  }

  private schedule(): void {
    if (!this.scheduled) {
      this.scheduled = true;
      setImmediate(() => this.turn());
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
    }
  }

  /** One flush; yields when its slice is used up. */
  private *deliverGathered(): Generator<void, void> {
    const channels = this.gathering;
    const order = this.order;
    this.gathering = [];
    this.order = [];
    const batches = new Map<LiveChannel, Batch>();
    for (const channel of channels) {
      batches.set(channel, new Batch(channel.pending));
      channel.pending = [];
    }
    const audiences = new Audiences(batches, order);
    const reached = channels.length > 1 ? new Set<LogReader>() : undefined;
    let now = this.clock.now();
    let sliceEnd = now + this.budgetMs;
    let untilClock = CLOCK_EVERY;
    for (const [channel, batch] of batches) {
      for (const reader of channel.readers) {
        if (reached && reader.channels.size > 1) {
          if (!reached.has(reader)) {
            reached.add(reader);
            reader.deliver(audiences.batchFor(reader, batch), now);
          }
        } else {
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
    }
  }
}

/** The batches of one flush for connections with several channels: one for each set of channels that has events. */
class Audiences {
  private readonly ids = new Map<string, number>();
  private readonly merged = new Map<string, Batch>();

  constructor(
    private readonly batches: ReadonlyMap<LiveChannel, Batch>,
    private readonly order: readonly BrokerEvent[],
  ) {
    let id = 0;
    for (const channel of batches.keys()) {
      this.ids.set(channel.name, id++);
    }
  }

  /** @param own the batch of a channel that the reader has */
  batchFor(reader: LogReader, own: Batch): Batch {
    const audience = [...reader.channels.values()].filter((channel) => this.batches.has(channel));
    if (audience.length < 2) {
      return own;
    }
    const key = audience
      .map((channel) => this.ids.get(channel.name) as number)
      .sort((a, b) => a - b)
      .join();
    let batch = this.merged.get(key);
    if (!batch) {
      const names = new Set(audience.map((channel) => channel.name));
      batch = new Batch(this.order.filter((event) => names.has(event.channel)));
      this.merged.set(key, batch);
    }
    return batch;
  }
}
