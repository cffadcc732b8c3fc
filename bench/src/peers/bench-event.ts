import { markOf } from '../mark.js';

/** What every peer is given to publish: it serialises and frames it itself. */
export interface BenchEvent {
  readonly type: string;
  readonly data: object;
}

/** Bytes of an event on the wire, uncompressed: about 256, or about 1 KB. */
export type EventSize = 'small' | 'large';

/** JSON bytes that make 256 and 1,024 on the wire together with `event:`, `id:`, `data:` and the chunk's header. */
const JSON_BYTES: Record<EventSize, number> = { small: 205, large: 972 };
/** Larger than what a deflate window of 32 KB remembers, so that an encoder a connection finds no event a second time. */
const POOL = 256;
const WORDS = (
  'order shipment invoice payment customer account delivery warehouse updated created pending approved declined ' +
  'returned article quantity price total discount tax address street postal carrier tracking express standard ' +
  'priority note remark contact phone office manager team project deadline review comment attachment version release'
).split(' ');

interface Body {
  readonly customer: object;
  readonly items: readonly object[];
  readonly note: string;
}

/** One seed: all peers are given the same events. */
const random = seeded(42);
const pools: Record<EventSize, readonly Body[]> = { small: pool('small'), large: pool('large') };

/** @param number counted from 1; for one user's own channel, counted for each user */
export function benchEvent(number: number, size: EventSize, place = number): BenchEvent {
  const { customer, items, note } = pools[size][place % POOL] as Body;
  return { type: 'order.updated', data: { mark: markOf(number), customer, items, note } };
}

function pool(size: EventSize): Body[] {
  return Array.from({ length: POOL }, () => body(size));
}

function body(size: EventSize): Body {
  const customer = { id: hex(8), name: `${word()} ${word()}` };
  const items = Array.from({ length: size === 'small' ? 0 : 6 }, () => ({
    sku: hex(10),
    name: `${word()} ${word()}`,
    quantity: Math.ceil(random() * 20),
    price: Math.round(random() * 100_000) / 100,
  }));
  const rest = JSON.stringify({ mark: markOf(0), customer, items, note: '' });
  let note = '';
  while (Buffer.byteLength(rest) + note.length < JSON_BYTES[size]) {
    note += `${word()} `;
  }
  return { customer, items, note: note.slice(0, Math.max(0, JSON_BYTES[size] - Buffer.byteLength(rest))) };
}

function word(): string {
  return WORDS[Math.floor(random() * WORDS.length)] as string;
}

function hex(length: number): string {
  return Array.from({ length }, () => Math.floor(random() * 16).toString(16)).join('');
}

/** Mulberry32. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}
