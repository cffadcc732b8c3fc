import type { ChannelOptions, EventBatchOptions } from '../channel-options.js';
import { readStream } from './stream-text.js';

export interface BatchItem {
  readonly type?: string;
  readonly data?: unknown;
}

/** A batch event as a client reads it. */
export interface ReadBatch {
  readonly id: string | undefined;
  readonly count: number;
  readonly items: readonly BatchItem[];
}

/** Options of a channel that publishes in batches: at most 10 items, 50 ms. */
export function batched(batch: Partial<EventBatchOptions> = {}): ChannelOptions {
  return { coalesceMs: 0, batch: { maxItems: 10, windowMs: 50, type: 'batch', ...batch } };
}

/** The batch events of a stream. */
export function batchesOf(text: string, type = 'batch'): ReadBatch[] {
  return readStream(text)
    .events.filter((event) => event.type === type)
    .map(({ id, data }) => ({ id, ...(JSON.parse(data) as Omit<ReadBatch, 'id'>) }));
}
