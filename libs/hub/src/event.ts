import { inspect } from 'node:util';
import { SseError } from './sse-error.js';

/**
 * An id of the log, `<epoch>.<seq>`; opaque to clients and to applications. The empty string, WHATWG's "no id", stands
 * for an event that has none (an ephemeral one).
 */
export type EventId = string;

/** What an application publishes. */
export interface SseEvent<T = unknown> {
  /** The event's name; default: none, which a browser dispatches as `message`. */
  readonly type?: string;
  /** A string goes out as it is, anything else as JSON. */
  readonly data?: T;
  /** What the event is about, for subscribers of `events$`; no client sees it. */
  readonly key?: string;
  /** Delivered to whoever is connected now, kept by no log, without an id. Default: `false`. */
  readonly ephemeral?: boolean;
  /** Tells the client how long to wait before it reconnects, in milliseconds. */
  readonly retryMs?: number;
  /** Only in a private stream, whose handler numbers its own events; refused by `publish()`. */
  readonly id?: EventId;
}

/** An event that has passed {@link toEventRecord}: serialised once, safe to write. What a broker stores and carries. */
export interface EventRecord {
  /** Empty: no `event` field is written. */
  readonly type: string;
  /** The text of the `data` field, or `undefined`: no `data` field is written. */
  readonly data: string | undefined;
  /** Whether {@link data} is JSON, or the application's own string. */
  readonly json: boolean;
  readonly key: string | undefined;
  readonly ephemeral: boolean;
  readonly retryMs: number | undefined;
  /** The channel's last event for now: a job has ended. Written as an id alone, so that cursors move past it. */
  readonly final: boolean;
  /**
   * The traces that it was published in, as W3C `traceparent`s with a blank between (a batch has several); for the spans of
   * those who deliver it, no client sees it.
   */
  readonly trace?: string | undefined;
}

/** An event as its broker delivers it, to every node in the broker's one total order. */
export interface BrokerEvent extends EventRecord {
  readonly channel: string;
  /** Empty for an ephemeral event. */
  readonly id: EventId;
  /** The place in the broker's total order: rises with every numbered event; an ephemeral one has its predecessor's. */
  readonly seq: number;
  /** When the broker took it, in milliseconds since the Unix epoch. */
  readonly at: number;
}

/** The event that a record becomes. Written out, because a spread makes an object that is larger and slower to read. */
export function toBrokerEvent(
  { type, data, json, key, ephemeral, retryMs, final, trace }: EventRecord,
  channel: string,
  id: EventId,
  seq: number,
  at: number,
): BrokerEvent {
  return { type, data, json, key, ephemeral, retryMs, final, trace, channel, id, seq, at };
}

/** An event as a private stream writes it: with its handler's own id, or none. */
export type PrivateRecord = EventRecord & { readonly id: EventId };

// [spec] WHATWG 9.2.6: a type of `error` or `open` would be dispatched like EventSource's own events of these names.
const RESERVED_TYPES = new Set(['error', 'open']);
/** Types that begin so are the hub's own. */
const CONTROL_PREFIX = 'sse:';
const LINE_BREAK_OR_NUL = /[\r\n\0]/;

/**
 * Checks and serialises what `publish()` was given.
 *
 * @throws SseError `INVALID_EVENT_TYPE`, `INVALID_EVENT_DATA`, `INVALID_EVENT_ID`, `INVALID_EVENT_KEY` or `INVALID_RETRY`
 */
export function toEventRecord(event: SseEvent): EventRecord {
  if (typeof event !== 'object' || event === null || Array.isArray(event)) {
    throw new SseError(
      'INVALID_EVENT_DATA',
      `An event is an object like { type, data }, but got ${describe(event)}.`,
    );
  }
  if (event.id !== undefined) {
    throw new SseError(
      'INVALID_EVENT_ID',
      'Ids of published events come from the log alone; leave `id` out. Only a private stream may give its own.',
    );
  }
  return checked(event);
}

/**
 * Checks and serialises an event of a private stream, which may carry its own id.
 *
 * @throws SseError as {@link toEventRecord}
 */
export function toPrivateRecord(event: SseEvent): PrivateRecord {
  if (typeof event !== 'object' || event === null || Array.isArray(event)) {
    throw new SseError(
      'INVALID_EVENT_DATA',
      `An event is an object like { type, data }, but got ${describe(event)}.`,
    );
  }
  const id = event.id ?? '';
  // [spec] WHATWG 9.2.6: an id with NUL is ignored by the client; one with a line break would end the field.
  if (typeof id !== 'string' || LINE_BREAK_OR_NUL.test(id)) {
    throw new SseError(
      'INVALID_EVENT_ID',
      `An event's id is a string without CR, LF and NUL, but got ${describe(id)}.`,
    );
  }
  return Object.assign(checked(event), { id });
}

/**
 * Lets an event's type through, or refuses it.
 *
 * @throws SseError `INVALID_EVENT_TYPE` if it is no string, has CR, LF or NUL, or is taken: `error`, `open`, `sse:…`
 */
export function assertEventType(type: unknown): asserts type is string {
  if (typeof type !== 'string' || LINE_BREAK_OR_NUL.test(type)) {
    throw new SseError(
      'INVALID_EVENT_TYPE',
      `An event's type is a string without CR, LF and NUL, but got ${describe(type)}.`,
    );
  }
  if (RESERVED_TYPES.has(type)) {
    throw new SseError(
      'INVALID_EVENT_TYPE',
      `The type "${type}" would be taken for EventSource's own ${type} event; name it otherwise.`,
    );
  }
  if (type.startsWith(CONTROL_PREFIX)) {
    throw new SseError(
      'INVALID_EVENT_TYPE',
      `Types that begin with "${CONTROL_PREFIX}" are control events; got "${type}".`,
    );
  }
}

function checked(event: SseEvent): EventRecord {
  const type = event.type ?? '';
  assertEventType(type);
  const retryMs = event.retryMs;
  if (retryMs !== undefined && !(Number.isSafeInteger(retryMs) && retryMs >= 0)) {
    throw new SseError(
      'INVALID_RETRY',
      `retryMs is a non-negative integer (milliseconds), but got ${describe(retryMs)}.`,
    );
  }
  const key = event.key;
  if (key !== undefined && typeof key !== 'string') {
    throw new SseError('INVALID_EVENT_KEY', `An event's key is a string, but got ${describe(key)}.`);
  }
  const json = typeof event.data !== 'string';
  const data = typeof event.data === 'string' ? event.data : toJson(event.data);
  return { type, data, json, key, ephemeral: event.ephemeral === true, retryMs, final: false };
}

function toJson(data: unknown): string | undefined {
  if (data === undefined) {
    return undefined;
  }
  let text: string | undefined;
  try {
    text = JSON.stringify(data);
  } catch (cause) {
    throw new SseError(
      'INVALID_EVENT_DATA',
      `The event's data can't be written as JSON (${cause instanceof Error ? cause.message : describe(cause)}). Publish plain data: no BigInt, no cycles.`,
      { cause },
    );
  }
  if (text === undefined) {
    throw new SseError(
      'INVALID_EVENT_DATA',
      `The event's data can't be written as JSON: it is ${describe(data)}.`,
    );
  }
  return text;
}

function describe(value: unknown): string {
  return inspect(value, { depth: 0 });
}
