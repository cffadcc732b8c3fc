import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import type { EventRecord } from './event.js';
import { EventBatcher } from './event-batcher.js';
import type { BatchItem } from './spec-support/batch-events.js';
import { HandClock } from './spec-support/hand-clock.js';
import { settled } from './spec-support/hub-fixture.js';
import { recordOf } from './spec-support/records.js';
import { SlowPublishing } from './spec-support/slow-publishing.js';

const WINDOW_MS = 50;

function setUp(maxItems = 10) {
  const clock = new HandClock();
  const broker = new SlowPublishing();
  const batcher = new EventBatcher(
    { maxItems, windowMs: WINDOW_MS, type: 'batch' },
    { clock, publish: broker.publish },
  );
  const add = (data: string, partial: Partial<EventRecord> = {}): Promise<string> =>
    batcher.publish(recordOf({ data, ...partial }));
  const addAll = (...texts: string[]): Promise<string>[] => texts.map((text) => add(text));
  return { clock, broker, batcher, add, addAll };
}

const itemsOf = ({ data = '' }: EventRecord): readonly BatchItem[] =>
  (JSON.parse(data) as { items: BatchItem[] }).items;
const dataOf = (record: EventRecord): unknown[] =>
  record.final ? ['end'] : itemsOf(record).map(({ data }) => data);
const texts = (from: number, to: number): string[] =>
  Array.from({ length: to - from }, (_, index) => String(from + index));

/** Answers until nothing waits. */
async function answerAll(broker: SlowPublishing): Promise<void> {
  while (broker.answer()) {
    await settled();
  }
}

/** Brings the rate up to some eight arrivals a window. */
async function warmUp({ broker, batcher, addAll }: ReturnType<typeof setUp>): Promise<void> {
  void addAll(...texts(0, 17));
  void batcher.flushed();
  await answerAll(broker);
  broker.records.length = 0;
}

describe('an event', () => {
  it('leaves at once, by itself, where few come', async () => {
    const { clock, broker, add } = setUp();
    for (const text of texts(0, 5)) {
      const published = add(text);
      expect(broker.records.map(dataOf).at(-1)).toEqual([text]);
      broker.answer();
      expect(await published).toMatch(/^id /);
      clock.advance(WINDOW_MS);
    }
    expect([broker.records.length, clock.pending]).toEqual([5, 0]);
  });

  it('waits for others where many come, for a window at most, with one timer for all', async () => {
    const fixture = setUp();
    await warmUp(fixture);
    const { clock, broker, addAll } = fixture;
    void addAll('1', '2', '3');
    expect([broker.records, clock.pending]).toEqual([[], 1]);
    clock.advance(WINDOW_MS - 1);
    expect(broker.records).toEqual([]);
    clock.advance(1);
    expect([broker.records.map(dataOf), clock.pending]).toEqual([[['1', '2', '3']], 0]);
  });

  it('leaves before the end of the window with as many as are aimed at', async () => {
    const fixture = setUp();
    await warmUp(fixture);
    const { clock, broker, addAll } = fixture;
    void addAll(...texts(0, 11));
    expect(broker.records.map(dataOf)).toEqual([texts(0, 10)]);
    expect(clock.pending).toBe(1);
  });

  it('is an item with its type and its data as they were published', async () => {
    const { broker, batcher, add } = setUp();
    void add('first');
    void add('a "string"\n\ud800', { type: 't' });
    void add('{"n":[1.0,"é"]}', { type: 'json', json: true, key: 'k' });
    void batcher.publish(recordOf({ data: undefined, retryMs: 7 }));
    void batcher.publish(recordOf({ data: undefined, json: true, type: 'bare' }));
    void batcher.flushed();
    broker.answer();
    await settled();
    expect(broker.records[1]).toEqual({
      type: 'batch',
      data: '{"count":4,"items":[{"type":"t","data":"a \\"string\\"\\n\\ud800"},{"type":"json","data":{"n":[1.0,"é"]}},{},{"type":"bare"}]}',
      json: true,
      key: undefined,
      ephemeral: false,
      retryMs: 7,
      final: false,
    });
  });

  it('that is ephemeral shares no batch with one that is not, and keeps its place', async () => {
    const { broker, batcher, add } = setUp();
    void add('0');
    void add('1');
    void add('2', { ephemeral: true });
    void add('3', { ephemeral: true });
    void add('4');
    void batcher.flushed();
    await answerAll(broker);
    expect(broker.records.map((record) => [record.ephemeral, dataOf(record)])).toEqual([
      [false, ['0']],
      [false, ['1']],
      [true, ['2', '3']],
      [false, ['4']],
    ]);
  });

  it('that is final goes by itself, after what was published before it', async () => {
    const { broker, batcher, add, addAll } = setUp();
    void addAll('0', '1', '2');
    const end = batcher.publish(recordOf({ final: true }));
    void add('after');
    void batcher.flushed();
    await answerAll(broker);
    expect(broker.records.map(dataOf)).toEqual([['0'], ['1', '2'], ['end'], ['after']]);
    expect(await end).toBe('id 3');
  });
});

describe('a busy broker', () => {
  it('gets one batch at a time; what gathers meanwhile leaves in pieces, at once', async () => {
    const { clock, broker, addAll } = setUp();
    const published = addAll(...texts(0, 25));
    expect(broker.records.map(dataOf)).toEqual([['0']]);
    clock.advance(3 * WINDOW_MS);
    expect(broker.records).toHaveLength(1);
    await answerAll(broker);
    expect(broker.records.map(dataOf)).toEqual([['0'], texts(1, 11), texts(11, 21), texts(21, 25)]);
    expect(broker.mostUnanswered).toBe(1);
    const ids = await Promise.all(published);
    expect([ids[0], ids[1], ids[10], ids[11], ids[24]]).toEqual(['id 1', 'id 2', 'id 2', 'id 3', 'id 4']);
  });

  it('lets a batch gather on while another waits before it', async () => {
    const { clock, broker, addAll } = setUp();
    void addAll(...texts(0, 12));
    clock.advance(WINDOW_MS);
    broker.answer();
    await settled();
    void addAll('12');
    await answerAll(broker);
    expect(broker.records.map(dataOf)).toEqual([['0'], texts(1, 11), ['11', '12']]);
  });

  it('that refuses a batch is told to all who have an item in it, and to nobody else', async () => {
    const { broker, batcher, addAll } = setUp();
    const published = addAll('0', '1', '2');
    const flushed = batcher.flushed();
    broker.answer();
    await settled();
    broker.answer(new Error('down'));
    const outcomes = await Promise.allSettled(published);
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected']);
    await flushed;
    const [next] = addAll('3');
    void batcher.flushed();
    await answerAll(broker);
    expect(await next).toBe('id 3');
  });
});

describe('a publisher that waits for each event before the next', () => {
  it('is seldom held up by a window that brings nobody else', async () => {
    const { clock, broker, add } = setUp();
    let windows = 0;
    for (const text of texts(0, 1_000)) {
      const published = add(text);
      if (clock.pending > 0) {
        windows += 1;
        clock.advance(WINDOW_MS);
      }
      broker.answer();
      await published;
    }
    expect(broker.records).toHaveLength(1_000);
    // Each time it is tried again there is twice as much in between: 2, 4, 8 … 64 events.
    expect(windows).toBeGreaterThan(5);
    expect(windows).toBeLessThan(25);
  });
});

describe('any course of events', () => {
  const step = fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({
        kind: fc.constantFrom('publish', 'ephemeral'),
        by: fc.integer({ min: 1, max: 8 }),
      }),
    },
    {
      weight: 3,
      arbitrary: fc.record({ kind: fc.constant('advance'), by: fc.integer({ min: 1, max: 60 }) }),
    },
    { weight: 3, arbitrary: fc.record({ kind: fc.constant('answer'), by: fc.constant(1) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('final', 'flush'), by: fc.constant(1) }) },
  );

  it.each([
    ['at once', true],
    ['when it likes', false],
  ])(
    'is published once, in order, in pieces of the size allowed, by a broker that answers %s',
    async (_when, prompt) => {
      await fc.assert(
        fc.asyncProperty(
          fc.integer({ min: 1, max: 6 }),
          fc.array(step, { maxLength: 60 }),
          async (maxItems, steps) => {
            const { clock, broker, batcher } = setUp(maxItems);
            const published: {
              readonly record: EventRecord;
              readonly at: number;
              readonly id: Promise<string>;
            }[] = [];
            /** When each of the broker's records was taken. */
            const takenAt: number[] = [];
            const look = async (): Promise<void> => {
              if (prompt) {
                await answerAll(broker);
              }
              while (takenAt.length < broker.records.length) {
                takenAt.push(clock.now());
              }
            };
            const publish = (partial: Partial<EventRecord>): void => {
              const record = recordOf({ data: String(published.length), ...partial });
              published.push({ record, at: clock.now(), id: batcher.publish(record) });
            };
            for (const { kind, by } of steps) {
              for (let time = 0; time < by; time += 1) {
                if (kind === 'publish' || kind === 'ephemeral') {
                  publish({ ephemeral: kind === 'ephemeral' });
                } else if (kind === 'final') {
                  publish({ final: true });
                } else if (kind === 'flush') {
                  void batcher.flushed();
                } else if (kind === 'answer') {
                  broker.answer();
                  await settled();
                } else {
                  clock.advance(1);
                }
                await look();
              }
            }
            for (let ms = 0; ms < WINDOW_MS; ms += 1) {
              clock.advance(1);
              await look();
            }
            await answerAll(broker);
            await look();

            const { records, mostUnanswered } = broker;
            const taken = records.flatMap((record, index) =>
              dataOf(record).map((data) => ({
                data,
                record,
                id: `id ${index + 1}`,
                at: takenAt[index] ?? Infinity,
              })),
            );
            expect(taken.map(({ data }) => data)).toEqual(
              published.map(({ record }) => (record.final ? 'end' : record.data)),
            );
            expect(await Promise.all(published.map(({ id }) => id))).toEqual(taken.map(({ id }) => id));
            expect(taken.map(({ record }) => record.ephemeral)).toEqual(
              published.map(({ record }) => record.ephemeral),
            );
            expect(Math.max(0, ...records.map((record) => dataOf(record).length))).toBeLessThanOrEqual(
              maxItems,
            );
            expect([mostUnanswered <= 1, clock.pending]).toEqual([true, 0]);
            if (prompt) {
              const waits = taken.map(({ at }, index) => at - (published[index]?.at ?? 0));
              expect(Math.max(0, ...waits)).toBeLessThanOrEqual(WINDOW_MS);
            }
          },
        ),
        { numRuns: 60 },
      );
    },
    60_000,
  );
});
