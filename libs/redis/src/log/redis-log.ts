import {
  type BrokerEvent,
  type EventId,
  type EventRecord,
  type GapReason,
  type HistoryOptions,
  parseCursor,
  type Replay,
  type ReplayStart,
} from '@nestcast/hub';
import type { LogKeys } from './log-keys.js';
import type { LogLife } from './log-life.js';
import { decodeEntry, encodeRecord } from './record-codec.js';
import { PUBLISH } from './scripts/publish.js';
import { REPLAY } from './scripts/replay.js';

/** A page ends before it has more characters of events than this. */
const PAGE_ROOM = 4 * 2 ** 20;
const TEN_YEARS_MS = 315_360_000_000;

/** How much the log keeps. */
export interface Retention extends HistoryOptions {
  /** How long a channel's last place is remembered, in milliseconds; not less than {@link maxAgeMs}. */
  readonly expireMs: number;
}

/** The log in Redis, as one node reads and writes it. */
export class RedisLog {
  private readonly maxEvents: number;
  private readonly maxAgeMs: number;
  private readonly expireMs: number;

  constructor(
    private readonly life: LogLife,
    private readonly keys: LogKeys,
    retention: Retention,
  ) {
    this.maxEvents = Math.min(retention.maxEvents, Number.MAX_SAFE_INTEGER);
    this.maxAgeMs = Math.ceil(Math.min(retention.maxAgeMs, TEN_YEARS_MS));
    this.expireMs = Math.ceil(Math.min(Math.max(retention.expireMs, this.maxAgeMs), TEN_YEARS_MS));
  }

  /** @see Broker.publish */
  async publish(channel: string, record: EventRecord): Promise<EventId> {
    const { keys } = this;
    const id = (await this.life.call(
      PUBLISH,
      [keys.base, keys.stream(channel), keys.end(channel)],
      [
        encodeRecord(record),
        keys.carrier(channel),
        this.maxEvents,
        this.maxAgeMs,
        this.expireMs,
        record.ephemeral ? 'ephemeral' : record.final ? 'final' : '',
      ],
    )) as string;
    const cursor = parseCursor(id);
    if (cursor) {
      this.life.saw(cursor.epoch, cursor.seq);
    }
    return id;
  }

  /**
   * @param through the place to read through; default: the present end, where the cursor goes when nothing more is there
   * @see Broker.replay
   */
  async replay(
    asked: readonly string[],
    start: ReplayStart,
    limit: number,
    through: number | '+' = '+',
  ): Promise<Replay> {
    const channels = [...new Set(asked)];
    const { keys } = this;
    const reply = (await this.life.call(
      REPLAY,
      [keys.base, keys.lineage, ...channels.flatMap((channel) => [keys.stream(channel), keys.end(channel)])],
      [...startArguments(start), limit, PAGE_ROOM, this.maxAgeMs, this.expireMs, through],
    )) as [string, string, number, number, GapReason | '', number[], (string | number)[]];
    const [epoch, place, more, ended, reason, gaps, entries] = reply;
    const present = Number(place);
    this.life.saw(epoch, present);
    const nameOf = (number: string | number | undefined): string => channels[Number(number) - 1] ?? '';
    const events: BrokerEvent[] = [];
    for (let at = 0; at < entries.length; at += 3) {
      const entry = entries[at + 2] as string;
      events.push(decodeEntry(nameOf(entries[at]), Number(entries[at + 1]), entry).event);
    }
    const last = more === 1 ? events.at(-1) : undefined;
    return {
      events,
      complete: reason === '',
      ...(reason !== '' && { gap: { reason, channels: gaps.map(nameOf) } }),
      cursor: last?.id ?? `${epoch}.${place}`,
      seq: last?.seq ?? present,
      more: more === 1,
      ended: ended === 1,
    };
  }
}

function startArguments(start: ReplayStart): readonly [mode: string, epoch: string, place: number] {
  if (typeof start === 'string') {
    return [start, '', 0];
  }
  const cursor = parseCursor(start.after);
  return cursor ? ['after', cursor.epoch, cursor.seq] : ['unknown', '', 0];
}
