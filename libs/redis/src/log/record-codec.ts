import { type BrokerEvent, type EventRecord, toBrokerEvent } from '@nestcast/hub';

/** Type, what {@link JSON_DATA} and the others say, and then what few events have. */
type Header = [
  type: string,
  flags: number,
  key?: string | null,
  retryMs?: number | null,
  trace?: string | null,
];

const JSON_DATA = 1;
const HAS_DATA = 2;
const FINAL = 4;

/** Where an event stands. */
export interface Placed {
  readonly epoch: string;
  readonly place: number;
  /** The place of the channel's event before it; negative: none is known, but there may have been some up to there. */
  readonly before: number;
  readonly event: BrokerEvent;
}

/** An event as Redis stores and carries it: a small header as JSON, which has no line break, a line break, the data as it is. */
export function encodeRecord({ type, data, json, key, retryMs, final, trace }: EventRecord): string {
  const flags = (json ? JSON_DATA : 0) | (data === undefined ? 0 : HAS_DATA) | (final ? FINAL : 0);
  const header: Header = [type, flags];
  if (key !== undefined || retryMs !== undefined || trace !== undefined) {
    header.push(key ?? null, retryMs ?? null, trace ?? null);
  }
  return `${JSON.stringify(header)}\n${data ?? ''}`;
}

/** Reads what the publish script carries: `<place> <entry>`. */
export function decodeMessage(channel: string, text: string): Placed {
  const end = text.indexOf(' ');
  return decodeEntry(channel, Number(text.slice(0, end)), text, end + 1);
}

/** Reads what it stores: `<place before> <epoch> <record>`, or of an ephemeral event, which is only carried, `~<time> …`. */
export function decodeEntry(channel: string, place: number, text: string, from = 0): Placed {
  const afterBefore = text.indexOf(' ', from);
  const afterEpoch = text.indexOf(' ', afterBefore + 1);
  const afterHeader = text.indexOf('\n', afterEpoch + 1);
  const epoch = text.slice(afterBefore + 1, afterEpoch);
  const ephemeral = text.startsWith('~', from);
  const [type, flags, key, retryMs, trace] = JSON.parse(text.slice(afterEpoch + 1, afterHeader)) as Header;
  const record: EventRecord = {
    type,
    data: (flags & HAS_DATA) === 0 ? undefined : text.slice(afterHeader + 1),
    json: (flags & JSON_DATA) !== 0,
    key: key ?? undefined,
    ephemeral,
    retryMs: retryMs ?? undefined,
    final: (flags & FINAL) !== 0,
    trace: trace ?? undefined,
  };
  const before = text.slice(ephemeral ? from + 1 : from, afterBefore);
  const at = ephemeral ? Number(before) : Math.floor(place / 1_000);
  return {
    epoch,
    place,
    before: ephemeral ? place : Number(before),
    event: toBrokerEvent(record, channel, ephemeral ? '' : `${epoch}.${place}`, place, at),
  };
}
