import { BatchSize } from './batch-size.js';
import type { EventBatchOptions } from './channel-options.js';
import type { Cancel, Clock } from './clock.js';
import type { EventId, EventRecord } from './event.js';
import { EventBatch } from './event-batch.js';

/** What a batcher needs of its hub. */
export interface EventBatcherContext {
  readonly clock: Clock;
  readonly publish: (record: EventRecord) => Promise<EventId>;
}

/** What waits for the broker. */
interface Outgoing {
  readonly record: EventRecord;
  settle(id: Promise<EventId>): void;
}

/** After how many windows without an event nothing is worth remembering. */
const FORGET_WINDOWS = 20;

/**
 * Publishes the events of one channel in batches, in the order in which they came. A batch leaves when it has as many
 * items as {@link BatchSize} aims at, or at the end of its window. While the broker is busy with one, the next gathers up
 * to `maxItems`, and then the one after it: back-pressure makes larger batches, not more calls.
 */
export class EventBatcher {
  private readonly size: BatchSize;
  private gathering: EventBatch | undefined;
  private cancelWindow: Cancel | undefined;
  /** The batch that gathers has been reason enough to publish: it leaves as soon as the broker is free. */
  private due = false;
  private readonly outgoing: Outgoing[] = [];
  private busy = false;
  /** The newest of those that wait for the broker. */
  private last: Promise<EventId> | undefined;
  private lastEventAt = 0;

  constructor(
    private readonly options: EventBatchOptions,
    private readonly context: EventBatcherContext,
  ) {
    this.size = new BatchSize(options.maxItems, options.windowMs);
  }

  /**
   * Publishes an event with others, or by itself if it is final.
   *
   * @returns the id of the event that has it
   * @throws what the broker does, as a rejection
   */
  publish(record: EventRecord): Promise<EventId> {
    if (record.final) {
      this.close();
      return this.send(record);
    }
    this.lastEventAt = this.context.clock.now();
    this.size.arrived(this.lastEventAt);
    const batch = this.batchFor(record);
    batch.add(record);
    if (!this.due && batch.count >= this.size.target) {
      this.size.full(batch.count);
      this.due = true;
    }
    if (batch.count >= this.options.maxItems) {
      this.close();
    } else {
      this.closeIfDue();
    }
    return batch.published;
  }

  /** Lets no event wait any longer; resolves when the broker has, or has refused, what was published so far. */
  async flushed(): Promise<void> {
    this.close();
    // A refusal is told to whoever published.
    await this.last?.catch(() => undefined);
  }

  /** Whether it can be thrown away, and made anew with the next event. */
  forgettable(now: number): boolean {
    return !this.gathering && !this.busy && now - this.lastEventAt > FORGET_WINDOWS * this.options.windowMs;
  }

  /** The batch that gathers. Ephemeral events and others don't share one. */
  private batchFor({ ephemeral }: EventRecord): EventBatch {
    if (this.gathering?.ephemeral === !ephemeral) {
      this.close();
    }
    if (!this.gathering) {
      this.gathering = new EventBatch(this.options.type, ephemeral);
      this.cancelWindow = this.context.clock.schedule(this.options.windowMs, () => this.windowEnded());
    }
    return this.gathering;
  }

  private windowEnded(): void {
    if (!this.due && this.gathering) {
      this.size.short(this.gathering.count);
      this.due = true;
    }
    this.closeIfDue();
  }

  private closeIfDue(): void {
    if (this.due && !this.busy) {
      this.close();
    }
  }

  /** Nothing more is added to the batch that gathers. */
  private close(): void {
    const { gathering: batch } = this;
    if (batch) {
      this.gathering = undefined;
      this.due = false;
      this.cancelWindow?.();
      batch.settle(this.send(batch.toRecord()));
    }
  }

  private send(record: EventRecord): Promise<EventId> {
    const sent = new Promise<EventId>((resolve) => {
      this.outgoing.push({ record, settle: resolve });
    });
    this.last = sent;
    if (!this.busy) {
      void this.publishOutgoing();
    }
    return sent;
  }

  /** One after the other: a broker need not keep the order of two that it has at once. */
  private async publishOutgoing(): Promise<void> {
    this.busy = true;
    for (let next = this.outgoing.shift(); next; next = this.outgoing.shift()) {
      const id = this.context.publish(next.record);
      next.settle(id);
      // Its publishers have it as well, and are told; here only the turn of the next is waited for.
      await id.catch(() => undefined);
      if (this.outgoing.length === 0 && this.due) {
        this.close();
      }
    }
    this.busy = false;
  }
}
