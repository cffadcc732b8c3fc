import type { BrokerEvent } from '../event.js';
import type { ChannelReader, LiveChannel } from '../live-channel.js';
import { Batch } from './batch.js';
import type { CoalescingWindow } from './coalescing-window.js';

/** The events of one channel in one flush. */
export class Portion {
  private whole: Batch | undefined;

  constructor(
    readonly events: readonly BrokerEvent[],
    /** What they have waited for, and who has had some of them early. */
    readonly window: CoalescingWindow | undefined,
  ) {}

  /** All of them. */
  get batch(): Batch {
    return (this.whole ??= new Batch(this.events));
  }
}

/** What a reader gets of one channel: its events from one place to another. */
interface Part {
  readonly channel: LiveChannel;
  readonly events: readonly BrokerEvent[];
  readonly from: number;
  readonly to: number;
}

/**
 * The batches of one flush where readers may need several channels' events merged: one for each set of channels that have
 * something for the reader, those of the flush and those whose events still wait for the end of a window.
 */
export class Audiences {
  private readonly reached = new Set<ChannelReader>();
  private readonly ids = new Map<LiveChannel, number>();
  private readonly merged = new Map<string, Batch>();

  /** @param flush the number of this flush */
  constructor(
    private readonly gathered: ReadonlyMap<LiveChannel, Portion>,
    private readonly flush: number,
  ) {}

  /**
   * What the reader gets in this flush, all at once.
   *
   * @param own of the channel in whose turn it is asked for
   * @returns `undefined` if it has had all of it
   */
  batchFor(reader: ChannelReader, own: Portion): Batch | undefined {
    // Asked first: it may have left the other channel since.
    if (this.reached.has(reader)) {
      return undefined;
    }
    const hadSome = own.window !== undefined && own.window.hadBy(reader) > 0;
    if (reader.channels.size > 1) {
      this.reached.add(reader);
    }
    return hadSome || this.concerns(reader) > 1 ? this.merge(this.partsFor(reader)) : own.batch;
  }

  /** How many of the reader's channels have events that wait or go out. */
  private concerns(reader: ChannelReader): number {
    if (reader.channels.size < 2) {
      return reader.channels.size;
    }
    let count = 0;
    for (const channel of reader.channels.values()) {
      count += this.gathered.has(channel) || channel.window ? 1 : 0;
    }
    return count;
  }

  /** An array for each reader that gets several channels at once: what tells readers of the same set apart. */
  private partsFor(reader: ChannelReader): Part[] {
    const parts: Part[] = [];
    for (const channel of reader.channels.values()) {
      const part = this.partFor(reader, channel);
      if (part && part.from < part.to) {
        parts.push(part);
      }
    }
    return parts;
  }

  private partFor(reader: ChannelReader, channel: LiveChannel): Part | undefined {
    const portion = this.gathered.get(channel);
    if (portion) {
      const { events, window } = portion;
      return { channel, events, from: window?.hadBy(reader) ?? 0, to: events.length };
    }
    const { pending: events, window } = channel;
    if (!window) {
      return undefined;
    }
    const from = window.hadBy(reader);
    const to = window.pendingAt(this.flush, events.length);
    if (from < to) {
      window.give(reader, to);
    }
    return { channel, events, from, to };
  }

  private merge(parts: readonly Part[]): Batch | undefined {
    const [first] = parts;
    if (!first) {
      return undefined;
    }
    const alone = parts.length === 1 && first.from === 0 ? this.gathered.get(first.channel) : undefined;
    if (alone) {
      return alone.batch;
    }
    // Where a part ends is the same for all readers of one flush.
    const key = parts
      .map(({ channel, from }) => `${this.idOf(channel)}:${from}`)
      .sort()
      .join();
    let batch = this.merged.get(key);
    if (!batch) {
      batch = new Batch(parts.flatMap(({ events, from, to }) => events.slice(from, to)).sort(inOrder));
      this.merged.set(key, batch);
    }
    return batch;
  }

  private idOf(channel: LiveChannel): number {
    const id = this.ids.get(channel) ?? this.ids.size;
    this.ids.set(channel, id);
    return id;
  }
}

/** The broker's order: an ephemeral event has its predecessor's place, and follows it. */
function inOrder(a: BrokerEvent, b: BrokerEvent): number {
  return a.seq - b.seq || Number(a.ephemeral) - Number(b.ephemeral);
}
