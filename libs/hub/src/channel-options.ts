import { ChannelPatterns } from './channel-patterns.js';

/** Events of one channel that are published together, as one event. */
export interface EventBatchOptions {
  /** The most items that one batch event has. Default 100. */
  readonly maxItems: number;
  /**
   * The longest that an item waits for others before its batch goes to the broker; milliseconds. Default 50. The hub's
   * clock adds up to one of its ticks, 20 ms.
   */
  readonly windowMs: number;
  /** The type of the batch event. Default `batch`. */
  readonly type: string;
}

/** What can be set for one channel, or for all whose names have a prefix. */
export interface ChannelOptions {
  /**
   * How long an event may wait for others of its channel before it is written to this node's connections, together with
   * them; milliseconds. Default 0: what is published in one turn of the event loop leaves in the next. The hub's clock adds
   * up to one of its ticks, 20 ms. A connection of several channels gets held events early, with the next event of another
   * channel, because it gets all of them in id order.
   */
  readonly coalesceMs: number;
  /** `undefined`: each event is published by itself. */
  readonly batch: EventBatchOptions | undefined;
}

/**
 * Options by a channel's exact name, or by a pattern: a prefix and `*` at the end. A `*` elsewhere is part of the name. An
 * exact name goes before patterns, and among these the longest prefix.
 */
export type ChannelOptionsByName = Readonly<Record<string, ChannelOptions>>;

export const channelDefaults: ChannelOptions & { readonly batch: EventBatchOptions } = {
  coalesceMs: 0,
  batch: { maxItems: 100, windowMs: 50, type: 'batch' },
};

/** Finds a channel's options. */
export class ChannelOptionsTable extends ChannelPatterns<ChannelOptions> {
  constructor(byName: ChannelOptionsByName) {
    super(Object.entries(byName));
  }

  /** Whether any channel publishes in batches. */
  get batches(): boolean {
    return this.values().some(({ batch }) => batch !== undefined);
  }
}
