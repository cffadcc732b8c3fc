import { randomBytes } from 'node:crypto';
import type { Cancel } from '../clock.js';
import { type BrokerEvent, type EventId, type EventRecord, toBrokerEvent } from '../event.js';
import { SseError } from '../sse-error.js';
import type {
  Broker,
  BrokerContext,
  BrokerFactory,
  BrokerSink,
  BrokerStats,
  GapReason,
  Replay,
  ReplayStart,
  Unsubscribe,
} from './broker.js';
import { ChannelLog } from './channel-log.js';
import { formatCursor, parseCursor } from './cursor.js';

/** How many channels that have lost all their events are remembered one by one, so that their gaps stay exact. */
const MAX_TOMBSTONES = 10_000;
const SWEEP_MS = 30_000;
const NOTHING = { events: [], more: false };

/** The default engine: one process, a log per channel in memory. A restart begins a new epoch. */
export function memoryBroker(): BrokerFactory {
  return (context) => new MemoryBroker(context);
}

/** What remains of a channel's log: the place of its last event, and whether that was final. */
interface Tombstone {
  readonly droppedThrough: number;
  readonly ended: boolean;
}

class MemoryBroker implements Broker {
  /** Time and chance: two lives of a log never share an epoch. */
  private readonly epoch = Date.now().toString(36) + randomBytes(4).readUInt32BE().toString(36);
  private readonly logs = new Map<string, ChannelLog>();
  private readonly sinks = new Map<string, Set<BrokerSink>>();
  /** What is known of channels whose log is empty and gone; the oldest entry first. */
  private readonly tombstones = new Map<string, Tombstone>();
  /** What a channel without a log and without a tombstone may have had. */
  private forgotten: Tombstone = { droppedThrough: 0, ended: false };
  private seq = 0;
  private closed = false;
  /** Events on their way to the sinks; more than one while a sink publishes. */
  private readonly carrying: BrokerEvent[] = [];
  private cancelSweep: Cancel | undefined;

  constructor(private readonly context: BrokerContext) {}

  async publish(channel: string, record: EventRecord): Promise<EventId> {
    this.assertOpen();
    const at = this.context.clock.now();
    if (record.ephemeral) {
      this.carry(toBrokerEvent(record, channel, '', this.seq, at));
      return '';
    }
    const seq = ++this.seq;
    const event = toBrokerEvent(record, channel, formatCursor(this.epoch, seq), seq, at);
    this.logOf(channel).append(event);
    this.cancelSweep ??= this.context.clock.schedule(SWEEP_MS, () => this.sweep());
    this.carry(event);
    return event.id;
  }

  async subscribe(channel: string, sink: BrokerSink): Promise<Unsubscribe> {
    this.assertOpen();
    const sinks = this.sinks.get(channel) ?? new Set();
    this.sinks.set(channel, sinks);
    // Wrapped, so that the same function subscribed twice is called twice.
    const entry: BrokerSink = (event) => sink(event);
    sinks.add(entry);
    return async () => {
      sinks.delete(entry);
      if (sinks.size === 0 && this.sinks.get(channel) === sinks) {
        this.sinks.delete(channel);
      }
    };
  }

  async replay(channels: readonly string[], start: ReplayStart, limit: number): Promise<Replay> {
    this.assertOpen();
    const now = this.context.clock.now();
    for (const channel of channels) {
      this.logs.get(channel)?.dropExpired(now);
    }
    const { from, gap } = this.startOf(channels, start);
    const { events, more } = this.read(channels, from, limit);
    const seq = more ? (events.at(-1)?.seq ?? from) : this.seq;
    return {
      events,
      complete: gap === undefined,
      ...(gap && { gap }),
      cursor: formatCursor(this.epoch, seq),
      seq,
      more,
      ended: channels.length > 0 && !more && channels.every((channel) => this.pastOf(channel).ended),
    };
  }

  async stats(): Promise<BrokerStats> {
    let events = 0;
    for (const log of this.logs.values()) {
      events += log.size;
    }
    return { events, channels: this.logs.size };
  }

  async close(): Promise<void> {
    this.closed = true;
    this.cancelSweep?.();
    this.logs.clear();
    this.sinks.clear();
    this.tombstones.clear();
  }

  private startOf(channels: readonly string[], start: ReplayStart): { from: number; gap?: Replay['gap'] } {
    if (start === 'now') {
      return { from: this.seq };
    }
    if (start === 'start') {
      return this.trimmedSince(channels, 0);
    }
    const cursor = parseCursor(start.after);
    const sameLife = cursor?.epoch === this.epoch;
    if (!cursor || !sameLife || cursor.seq > this.seq) {
      const reason: GapReason = cursor && !sameLife ? 'epoch' : 'unknown-id';
      return { from: 0, gap: { reason, channels } };
    }
    return this.trimmedSince(channels, cursor.seq);
  }

  private trimmedSince(channels: readonly string[], seq: number): { from: number; gap?: Replay['gap'] } {
    const trimmed = channels.filter((channel) => this.pastOf(channel).droppedThrough > seq);
    return trimmed.length === 0
      ? { from: seq }
      : { from: seq, gap: { reason: 'trimmed', channels: trimmed } };
  }

  private pastOf(channel: string): Tombstone {
    return this.logs.get(channel) ?? this.tombstones.get(channel) ?? this.forgotten;
  }

  private read(
    channels: readonly string[],
    seq: number,
    limit: number,
  ): { readonly events: readonly BrokerEvent[]; readonly more: boolean } {
    if (seq === this.seq) {
      return NOTHING;
    }
    // One more than asked for tells whether there is more.
    const found = [...new Set(channels)].flatMap(
      (channel) => this.logs.get(channel)?.after(seq, limit + 1) ?? [],
    );
    if (channels.length > 1) {
      found.sort((a, b) => a.seq - b.seq);
    }
    return found.length > limit
      ? { events: found.slice(0, limit), more: true }
      : { events: found, more: false };
  }

  private carry(event: BrokerEvent): void {
    this.carrying.push(event);
    if (this.carrying.length > 1) {
      // A sink has published: its event comes after the one it was given, for the sinks still to be called too.
      return;
    }
    try {
      for (const next of this.carrying) {
        this.sinks.get(next.channel)?.forEach((sink) => sink(next));
      }
    } finally {
      this.carrying.length = 0;
    }
  }

  private logOf(channel: string): ChannelLog {
    let log = this.logs.get(channel);
    if (!log) {
      const { maxEvents, maxAgeMs } = this.context.history;
      log = new ChannelLog(maxEvents, maxAgeMs, this.pastOf(channel));
      this.tombstones.delete(channel);
      this.logs.set(channel, log);
    }
    return log;
  }

  /** Frees the logs whose events have all aged out, and remembers up to where each had been. */
  private sweep(): void {
    const now = this.context.clock.now();
    for (const [channel, log] of this.logs) {
      log.dropExpired(now);
      if (log.size === 0) {
        this.logs.delete(channel);
        this.bury(channel, { droppedThrough: log.droppedThrough, ended: log.ended });
      }
    }
    this.cancelSweep =
      this.logs.size > 0 ? this.context.clock.schedule(SWEEP_MS, () => this.sweep()) : undefined;
  }

  private bury(channel: string, tombstone: Tombstone): void {
    this.tombstones.set(channel, tombstone);
    for (const [oldest, { droppedThrough }] of this.tombstones) {
      if (this.tombstones.size <= MAX_TOMBSTONES) {
        return;
      }
      this.tombstones.delete(oldest);
      this.forgotten = {
        droppedThrough: Math.max(this.forgotten.droppedThrough, droppedThrough),
        ended: false,
      };
    }
  }

  private assertOpen(): void {
    if (this.closed) {
      throw new SseError(
        'BROKER_CLOSED',
        'The broker is closed; publish and subscribe before the application closes.',
      );
    }
  }
}
