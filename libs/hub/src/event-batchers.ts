import type { ChannelOptionsTable } from './channel-options.js';
import type { Cancel, Clock } from './clock.js';
import type { EventId, EventRecord } from './event.js';
import { EventBatcher } from './event-batcher.js';

/** What the batchers need of their hub. */
export interface EventBatchersContext {
  readonly clock: Clock;
  /** Gives an event to the broker. */
  readonly publish: (channel: string, record: EventRecord) => Promise<EventId>;
}

/** How long a broker that doesn't answer can hold up what waits for events published before it, at most; milliseconds. */
const FLUSH_MS = 250;
/** With how many batchers those of quiet channels are looked for. */
const SWEEP_FROM = 64;

/** The way of a node's events to the broker: by themselves, or through the batcher of their channel where it has one. */
export class EventBatchers {
  /** Of the channels that publish in batches and have done so lately. */
  private readonly byChannel = new Map<string, EventBatcher>();
  private sweepAt = SWEEP_FROM;
  /** Whether there is anything to gather, and still time for it. */
  private gathers: boolean;

  constructor(
    private readonly options: ChannelOptionsTable,
    private readonly context: EventBatchersContext,
  ) {
    this.gathers = options.batches;
  }

  /** How many channels have a batcher. */
  get size(): number {
    return this.byChannel.size;
  }

  /**
   * @returns the id of the event, or of the batch that has it
   * @throws what the broker does, as a rejection
   */
  publish(channel: string, record: EventRecord): Promise<EventId> {
    const batcher = this.gathers ? this.batcherOf(channel) : undefined;
    return batcher ? batcher.publish(record) : this.context.publish(channel, record);
  }

  /** Ends all windows. Resolves when what was published so far is in the log, or the broker has not answered in time. */
  async flushed(withinMs = FLUSH_MS): Promise<void> {
    if (this.byChannel.size === 0) {
      return;
    }
    const flushing = [...this.byChannel.values()].map((batcher) => batcher.flushed());
    let cancel: Cancel | undefined;
    const late = new Promise<void>((resolve) => {
      cancel = this.context.clock.schedule(withinMs, resolve);
    });
    await Promise.race([Promise.all(flushing), late]);
    cancel?.();
  }

  /** The same, and from here on nothing is gathered. */
  close(withinMs: number): Promise<void> {
    this.gathers = false;
    return this.flushed(Math.min(FLUSH_MS, withinMs));
  }

  private batcherOf(channel: string): EventBatcher | undefined {
    let batcher = this.byChannel.get(channel);
    const batch = batcher ? undefined : this.options.of(channel)?.batch;
    if (batch) {
      batcher = new EventBatcher(batch, {
        clock: this.context.clock,
        publish: (record) => this.context.publish(channel, record),
      });
      this.sweep();
      this.byChannel.set(channel, batcher);
    }
    return batcher;
  }

  /** Without a timer: it costs each new batcher O(1), and there are never more than twice those in use. */
  private sweep(): void {
    if (this.byChannel.size < this.sweepAt) {
      return;
    }
    const now = this.context.clock.now();
    for (const [channel, batcher] of this.byChannel) {
      if (batcher.forgettable(now)) {
        this.byChannel.delete(channel);
      }
    }
    this.sweepAt = Math.max(SWEEP_FROM, 2 * this.byChannel.size);
  }
}
