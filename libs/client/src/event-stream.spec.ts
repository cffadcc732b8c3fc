import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { type Block, eventStreamReader } from './event-stream.js';
import { eventStreamVectors } from './spec-support/event-stream-vectors.js';
import { type Seen, referenceEventStream } from './spec-support/reference-event-stream.js';

const MAX_LENGTH = 2 ** 20;

/** A reader, and what it has brought so far. */
function createSeeingReader(maxLength = MAX_LENGTH) {
  const seen: Seen[] = [];
  let lastEventId = '';
  const onBlock = ({ id = lastEventId, type, data }: Block): void => {
    if (id !== lastEventId) {
      seen.push({ lastEventId: id });
    }
    lastEventId = id;
    if (data !== undefined) {
      seen.push({ type, data, lastEventId });
    }
  };
  const onRetry = (retryMs: number): void => void seen.push({ retryMs });
  return { seen, read: eventStreamReader({ onBlock, onRetry }, maxLength) };
}

function seenOf(chunks: readonly Uint8Array[]): Seen[] {
  const { seen, read } = createSeeingReader();
  chunks.forEach(read);
  return seen;
}

function heapUsed(): number {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  return process.memoryUsage().heapUsed;
}

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
const bytesOf = (stream: string | Uint8Array): Uint8Array =>
  typeof stream === 'string' ? utf8(stream) : stream;
const bytesOfAll = (blocks: string[]): Uint8Array => utf8(blocks.map((each) => `${each}\n`).join(''));
const oneByOne = (bytes: Uint8Array): Uint8Array[] => [...bytes].map((byte) => Uint8Array.of(byte));

describe("the standard's event streams", () => {
  it.each(eventStreamVectors)('$name', ({ stream, seen }) => {
    const bytes = bytesOf(stream);
    expect(seenOf([bytes])).toEqual(seen);
    expect(seenOf(oneByOne(bytes))).toEqual(seen);
    for (let cut = 0; cut <= bytes.length; cut += 1) {
      expect(seenOf([bytes.subarray(0, cut), new Uint8Array(), bytes.subarray(cut)])).toEqual(seen);
    }
  });

  it.each(eventStreamVectors)('$name, by the reference', ({ stream, seen }) => {
    expect(referenceEventStream(bytesOf(stream))).toEqual(seen);
  });
});

/** Streams of what matters, more often than chance would have it. */
const SYMBOLS = ['\n', '\r', '\r\n', '\n\n', '\r\r', ':', ' ', '\0', '\uFEFF', 'é', '😀', 'a', '1'];
const LINES = [
  'data',
  'data:',
  'data: a',
  'event',
  'event: b',
  'id',
  'id: 1',
  'id: 2\0',
  'retry',
  'retry: 10',
  ': c',
];
const piece = fc.constantFrom(...SYMBOLS, ...LINES);
const pieces = fc.array(
  fc.oneof({ weight: 9, arbitrary: piece }, fc.string({ unit: 'binary', maxLength: 3 })),
  {
    maxLength: 40,
  },
);
const stream = fc.oneof(
  { weight: 9, arbitrary: pieces.map((all) => utf8(all.join(''))) },
  fc.uint8Array({ maxLength: 60 }),
);
const places = fc.array(fc.nat(), { maxLength: 8 });

function cutAt(bytes: Uint8Array, at: readonly number[]): Uint8Array[] {
  const cuts = at.map((place) => place % (bytes.length + 1)).toSorted((a, b) => a - b);
  return [0, ...cuts].map((from, index) => bytes.subarray(from, cuts[index]));
}

describe('any event stream', () => {
  it('brings after each chunk what the reference reads from all of them', () => {
    fc.assert(
      fc.property(stream, places, (bytes, cuts) => {
        const { seen, read } = createSeeingReader();
        let length = 0;
        for (const chunk of cutAt(bytes, cuts)) {
          read(chunk);
          length += chunk.length;
          expect(seen).toEqual(referenceEventStream(bytes.subarray(0, length)));
        }
      }),
      { numRuns: 1_000 },
    );
  });

  it('is refused for the length of a block, wherever it is cut, but not for those before it', () => {
    const line = fc.constantFrom('data: abc', 'id: 1', 'event: d', 'data');
    const block = fc.array(line, { minLength: 1, maxLength: 6 }).map((lines) => `${lines.join('\n')}\n`);
    const limit = fc.integer({ min: 5, max: 40 });
    fc.assert(
      fc.property(fc.array(block, { maxLength: 5 }), places, limit, (blocks, cuts, maxLength) => {
        const { seen, read } = createSeeingReader(maxLength);
        const readAll = (): void => cutAt(bytesOfAll(blocks), cuts).forEach(read);
        const tooLarge = blocks.findIndex(({ length }) => length > maxLength);
        if (tooLarge === -1) {
          readAll();
        } else {
          expect(readAll).toThrow(expect.objectContaining({ code: 'EVENT_TOO_LARGE' }));
        }
        const before = tooLarge === -1 ? blocks : blocks.slice(0, tooLarge);
        expect(seen).toEqual(referenceEventStream(bytesOfAll(before)));
      }),
      { numRuns: 500 },
    );
  });
});

describe('a server that never ends', () => {
  const CHUNK = 2 ** 16;
  const filled = (text: string, rest = ''): Uint8Array =>
    utf8(text.repeat(Math.floor((CHUNK - rest.length) / text.length)) + rest);

  it.each([
    ['a line', [filled('a')]],
    ['a comment', [utf8(':'), filled('a')]],
    ['an event', [filled('data\n')]],
    ['an event without data', [filled('id: 1\n')]],
    ['an event of which little is kept, but of many strings', [filled('a', '\ndata: 0123456789abc\n')]],
  ])('%s is refused, before it is kept', (_, [first = new Uint8Array(), then = first]) => {
    const { seen, read } = createSeeingReader();
    let length = first.length;
    read(first);
    expect(() => {
      for (;;) {
        length += then.length;
        read(then);
      }
    }).toThrow(
      expect.objectContaining({
        code: 'EVENT_TOO_LARGE',
        message: 'EVENT_TOO_LARGE: more than 1048576 characters',
      }),
    );
    expect(length).toBeLessThanOrEqual(MAX_LENGTH + CHUNK);
    expect(seen).toEqual([]);
  });

  it('may go on with comments for ever, which are not kept', () => {
    const { seen, read } = createSeeingReader();
    const chunk = filled(': still here\n');
    read(utf8('data: a\n'));
    const before = heapUsed();
    for (let length = 0; length < 16 * MAX_LENGTH; length += chunk.length) {
      read(chunk);
    }
    expect(heapUsed() - before).toBeLessThan(MAX_LENGTH);
    read(utf8('\n'));
    expect(seen).toEqual([{ type: 'message', data: 'a', lastEventId: '' }]);
  });
});

it('waits for nothing when a chunk ends with the CR that completes an event', () => {
  const { seen, read } = createSeeingReader();
  read(utf8('data: a\r\r'));
  expect(seen).toHaveLength(1);
  read(utf8('\ndata: b\r\n\r'));
  expect(seen).toHaveLength(2);
});

it('gives ids that keep nothing of what they have come with', () => {
  const ids: (string | undefined)[] = [];
  const onBlock = ({ id }: Block): void => void ids.push(id);
  const read = eventStreamReader({ onBlock, onRetry: () => undefined }, MAX_LENGTH);
  const before = heapUsed();
  for (let count = 0; count < 64; count += 1) {
    read(utf8(`id: a place with a long name ${count}\ndata: ${'a'.repeat(MAX_LENGTH / 2)}\n\n`));
  }
  expect(heapUsed() - before).toBeLessThan(4 * MAX_LENGTH);
  expect(ids.at(-1)).toBe('a place with a long name 63');
});
