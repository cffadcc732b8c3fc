import type { ChannelReader, LiveChannel } from '../live-channel.js';
import type { Clock } from '../clock.js';
import type { BrokerEvent } from '../event.js';
import { Batch } from './batch.js';

/** How many connections are written to between two looks at the clock. */
const CLOCK_EVERY = 64;

/**
 * Gathers the events of one turn of the event loop and writes them to every connection of their channels: one batch an
 * audience, one write a connection, in slices that yield to the event loop. While it runs the next batch gathers.
 */
export class FanOut {
  private gathering: LiveChannel[] = [];
  private scheduled = false;
  private running: Generator<void, void> | undefined;
  private waiting: (() => void)[] = [];

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
    this.schedule();
  }

  /** Resolves when what has been published so far has been written. */
  flushed(): Promise<void> {
    return this.scheduled ? new Promise((resolve) => this.waiting.push(resolve)) : Promise.resolve();
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
    } else {
      this.waiting.splice(0).forEach((resolve) => resolve());
    }
  }

  /** One flush; yields when its slice is used up. */
  private *deliverGathered(): Generator<void, void> {
    const channels = this.gathering;
    const waiting = this.waiting;
    this.gathering = [];
    this.waiting = [];
    const gathered = new Map<LiveChannel, readonly BrokerEvent[]>();
    for (const channel of channels) {
      gathered.set(channel, channel.pending);
      channel.pending = [];
    }
    const audiences = new Audiences(gathered);
    const reached = channels.length > 1 ? new Set<ChannelReader>() : undefined;
    let now = this.clock.now();
    let sliceEnd = now + this.budgetMs;
    let untilClock = CLOCK_EVERY;
    for (const [channel, events] of gathered) {
      let own: Batch | undefined;
      for (const reader of channel.readers) {
        // Asked first: it may have left the other channel since.
        if (!reached?.has(reader)) {
          let batch: Batch | undefined;
          if (reached && reader.channels.size > 1) {
            reached.add(reader);
            batch = audiences.batchFor(reader);
          }
          reader.deliver(batch ?? (own ??= new Batch(events)), now);
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
    waiting.forEach((resolve) => resolve());
  }
}

/** The batches of one flush for connections with several channels: one for each set of channels that has events. */
class Audiences {
  private readonly ids = new Map<LiveChannel, number>();
  private readonly merged = new Map<string, Batch>();

  constructor(private readonly gathered: ReadonlyMap<LiveChannel, readonly BrokerEvent[]>) {
    for (const channel of gathered.keys()) {
      this.ids.set(channel, this.ids.size);
    }
  }

  /** `undefined`: only one of the reader's channels has events. */
  batchFor(reader: ChannelReader): Batch | undefined {
    let count = 0;
    for (const channel of reader.channels.values()) {
      count += this.gathered.has(channel) ? 1 : 0;
    }
    if (count < 2) {
      return undefined;
    }
    // An array and a key for each reader that gets several channels at once: what tells readers of the same set apart.
    const audience = [...reader.channels.values()].filter((channel) => this.gathered.has(channel));
    const key = audience
      .map((channel) => this.ids.get(channel) as number)
      .sort((a, b) => a - b)
      .join();
    let batch = this.merged.get(key);
    if (!batch) {
      batch = new Batch(audience.flatMap((channel) => this.gathered.get(channel) ?? []).sort(inOrder));
      this.merged.set(key, batch);
    }
    return batch;
  }
}

/** The broker's order: an ephemeral event has its predecessor's place, and follows it. */
function inOrder(a: BrokerEvent, b: BrokerEvent): number {
  return a.seq - b.seq || Number(a.ephemeral) - Number(b.ephemeral);
}
