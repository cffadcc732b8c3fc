import { type BrokerEvent, type EventId, type EventRecord, toBrokerEvent } from '../../event.js';
import type { LeaseClaim } from '../../limits/lease-store.js';
import type { SseErrorCode } from '../../sse-error.js';
import type { BrokerStats, HistoryOptions, Replay, ReplayStart } from '../broker.js';

/**
 * What the nodes of a cluster and their primary tell each other, over the workers' IPC channels. Each direction is one ordered
 * stream: an answer comes after the events that were carried before it, and before those that were carried later.
 */

/**
 * The fields of a record in the order of their interface. Node writes and reads an array in two thirds of the time of an
 * object; with `serialization: 'json'` what is undefined arrives as null.
 */
type PackedRecord = readonly [
  type: string,
  data: string | null | undefined,
  json: boolean,
  key: string | null | undefined,
  ephemeral: boolean,
  retryMs: number | null | undefined,
  final: boolean,
  trace: string | null | undefined,
];

export type PackedEvent = readonly [
  record: PackedRecord,
  channel: string,
  id: EventId,
  seq: number,
  at: number,
];

/** What a node asks, by kind. */
export interface Questions {
  readonly hello: { readonly history: HistoryOptions };
  readonly publish: { readonly channel: string; readonly record: PackedRecord };
  readonly subscribe: { readonly channel: string };
  readonly replay: {
    readonly channels: readonly string[];
    readonly from: ReplayStart;
    readonly limit: number;
  };
  /** The node numbers its leases; `holder`: whether it has one that can make room. */
  readonly take: {
    readonly lease: number;
    readonly claims: readonly LeaseClaim[];
    readonly holder: boolean;
    readonly evicts: boolean;
  };
  readonly countOpen: { readonly key: string; readonly perMinute: number };
  readonly spendOnce: { readonly key: string; readonly ttlMs: number };
  readonly load: { readonly connections: number };
  readonly stats: object;
  readonly ping: object;
  readonly close: object;
}

/** What the primary answers, by the question's kind. */
export interface Answers {
  readonly hello: true;
  readonly publish: EventId;
  readonly subscribe: true;
  readonly replay: PackedReplay;
  readonly take: { readonly refused?: LeaseClaim | undefined };
  readonly countOpen: number;
  readonly spendOnce: boolean;
  /** Of all nodes of its number that tell theirs. */
  readonly load: readonly number[];
  readonly stats: BrokerStats;
  readonly ping: true;
  readonly close: true;
}

export type QuestionKind = keyof Questions;

export type Question = {
  readonly [K in QuestionKind]: { readonly kind: K; readonly number: number } & Questions[K];
}[QuestionKind];

/** What a node tells without an answer. */
export type Notice =
  | { readonly kind: 'unsubscribe'; readonly channel: string }
  | { readonly kind: 'release'; readonly lease: number; readonly key?: string | undefined };

export type ToPrimary = Question | Notice;

export type ToNode =
  | { readonly kind: 'answer'; readonly number: number; readonly value: Answers[QuestionKind] }
  | {
      readonly kind: 'failure';
      readonly number: number;
      readonly code: SseErrorCode;
      readonly message: string;
    }
  | { readonly kind: 'events'; readonly events: PackedEvent[] }
  /** The node has not read for too long: events of these channels have been left out just before. */
  | { readonly kind: 'interruption'; readonly channels: readonly string[] }
  | { readonly kind: 'evict'; readonly lease: number; readonly limit: string };

export type PackedReplay = Omit<Replay, 'events'> & { readonly events: readonly PackedEvent[] };

/** One message: what has gathered in a turn for, or from, the broker of this number in the process at the other end. */
export interface Envelope<Frame> {
  readonly nestcast: number;
  readonly frames: readonly Frame[];
}

/** Whether a message is one of these; the application may send its own. */
export function isEnvelope<Frame extends ToNode | ToPrimary>(message: unknown): message is Envelope<Frame> {
  return (
    typeof message === 'object' &&
    message !== null &&
    'nestcast' in message &&
    typeof message.nestcast === 'number' &&
    'frames' in message &&
    Array.isArray(message.frames)
  );
}

export function packRecord(record: EventRecord): PackedRecord {
  const { type, data, json, key, ephemeral, retryMs, final, trace } = record;
  return [type, data, json, key, ephemeral, retryMs, final, trace];
}

export function unpackRecord(packed: PackedRecord): EventRecord {
  const [type, data, json, key, ephemeral, retryMs, final, trace] = packed;
  return {
    type,
    data: data ?? undefined,
    json,
    key: key ?? undefined,
    ephemeral,
    retryMs: retryMs ?? undefined,
    final,
    trace: trace ?? undefined,
  };
}

export function packEvent(event: BrokerEvent): PackedEvent {
  return [packRecord(event), event.channel, event.id, event.seq, event.at];
}

export function unpackEvent([record, channel, id, seq, at]: PackedEvent): BrokerEvent {
  return toBrokerEvent(unpackRecord(record), channel, id, seq, at);
}

export function packReplay(replay: Replay): PackedReplay {
  return { ...replay, events: replay.events.map(packEvent) };
}

export function unpackReplay({ events, gap, ...rest }: PackedReplay): Replay {
  return {
    ...rest,
    ...(gap && { gap: { reason: gap.reason, channels: [...gap.channels] } }),
    events: Array.from(events, unpackEvent),
  };
}

/** About how many characters an event takes on the way. */
export function lengthOf({ channel, type, data, key }: BrokerEvent): number {
  return OVERHEAD + channel.length + type.length + (data?.length ?? 0) + (key?.length ?? 0);
}

const OVERHEAD = 64;
