import { describe, expect, it } from '@jest/globals';
import { HandClock } from '../spec-support/hand-clock.js';
import { recordOf } from '../spec-support/records.js';
import type { Broker, HistoryOptions } from './broker.js';
import { memoryBroker } from './memory-broker.js';

const DAY_MS = 86_400_000;

const onError = (error: unknown): never => {
  throw error;
};

// The rest of what it does is the contract of all brokers: test/brokers.spec.ts.
function setUp(history: Partial<HistoryOptions> = {}): { broker: Broker; clock: HandClock } {
  const clock = new HandClock();
  return {
    broker: memoryBroker()({ history: { maxEvents: 100, maxAgeMs: 60_000, ...history }, clock, onError }),
    clock,
  };
}

describe('memory broker', () => {
  it('has no timer before its first event, one for all logs, and none once they have aged out', async () => {
    const { broker, clock } = setUp();
    await broker.publish('a', recordOf({ ephemeral: true }));
    expect(clock.pending).toBe(0);
    await broker.publish('a', recordOf());
    await broker.publish('b', recordOf());
    expect(clock.pending).toBe(1);
    clock.advance(DAY_MS);
    expect(clock.pending).toBe(0);
  });

  it('sweeps again for what comes after', async () => {
    const { broker, clock } = setUp();
    await broker.publish('a', recordOf());
    clock.advance(DAY_MS);
    await broker.publish('a', recordOf());
    expect(clock.pending).toBe(1);
  });

  it('leaves no timer when it closes', async () => {
    const { broker, clock } = setUp();
    await broker.publish('a', recordOf());
    await broker.close();
    expect(clock.pending).toBe(0);
  });

  it('knows up to where a log was, long after it is gone', async () => {
    const { broker, clock } = setUp();
    const before = await broker.replay(['a'], 'now', 1);
    const last = await broker.publish('a', recordOf());
    clock.advance(DAY_MS);
    expect((await broker.replay(['a'], { after: before.cursor }, 1)).gap).toEqual({
      reason: 'trimmed',
      channels: ['a'],
    });
    expect((await broker.replay(['a'], { after: last }, 1)).complete).toBe(true);
  });

  it('takes a channel for ended, long after its log is gone', async () => {
    const { broker, clock } = setUp();
    const end = await broker.publish('job', recordOf({ final: true }));
    clock.advance(DAY_MS);
    expect(await broker.replay(['job'], { after: end }, 1)).toMatchObject({ ended: true, complete: true });
    await broker.publish('job', recordOf());
    expect((await broker.replay(['job'], { after: end }, 1)).ended).toBe(false);
  });

  it('forgets the oldest of more than 10,000 dead logs, on the safe side', async () => {
    const { broker, clock } = setUp();
    const before = (await broker.replay(['a'], 'now', 1)).cursor;
    const ids: string[] = [];
    for (let index = 0; index < 10_002; index += 1) {
      ids.push(await broker.publish(`channel ${index}`, recordOf({ final: true })));
    }
    clock.advance(DAY_MS);
    const isComplete = async (channel: string, after = ''): Promise<boolean> =>
      (await broker.replay([channel], { after }, 1)).complete;
    // The two oldest are folded into what every unknown channel may have lost.
    expect(await isComplete('channel 0', before)).toBe(false);
    expect(await isComplete('never used', before)).toBe(false);
    expect(await isComplete('never used', ids[0])).toBe(false);
    expect(await isComplete('never used', ids[1])).toBe(true);
    expect((await broker.replay(['channel 1'], { after: ids[1] ?? '' }, 1)).ended).toBe(false);
    // The others are known one by one.
    expect(await isComplete('channel 2', ids[1])).toBe(false);
    expect(await isComplete('channel 2', ids[2])).toBe(true);
    expect((await broker.replay(['channel 2'], { after: ids[2] ?? '' }, 1)).ended).toBe(true);
  });

  it('keeps no events at all where history is 0, and says so', async () => {
    const { broker } = setUp({ maxEvents: 0 });
    const { cursor } = await broker.replay(['a'], 'now', 1);
    const id = await broker.publish('a', recordOf());
    expect(await broker.replay(['a'], { after: cursor }, 1)).toMatchObject({ events: [], complete: false });
    expect((await broker.replay(['a'], { after: id }, 1)).complete).toBe(true);
  });

  it('has an epoch of its own each time', async () => {
    const { broker } = setUp();
    const id = await broker.publish('a', recordOf());
    expect((await setUp().broker.replay(['a'], { after: id }, 1)).gap?.reason).toBe('epoch');
  });

  it('tells how much its log holds', async () => {
    const { broker } = setUp();
    expect(await broker.stats?.()).toEqual({ events: 0, channels: 0 });
    await broker.publish('a', recordOf());
    await broker.publish('a', recordOf({ ephemeral: true }));
    await broker.publish('b', recordOf());
    expect(await broker.stats?.()).toEqual({ events: 2, channels: 2 });
  });

  it('keeps the order when sinks answer each other', async () => {
    const { broker } = setUp();
    const heard: (string | undefined)[][] = [[], []];
    const answers: Promise<string>[] = [];
    for (const own of heard) {
      await broker.subscribe('a', ({ data }) => {
        own.push(data);
        if (answers.length < 4) {
          answers.push(broker.publish('a', recordOf({ data: `answer ${answers.length}` })));
        }
      });
    }
    await broker.publish('a', recordOf({ data: 'question' }));
    await Promise.all(answers);
    expect(heard[0]).toEqual(['question', 'answer 0', 'answer 1', 'answer 2', 'answer 3']);
    expect(heard[1]).toEqual(heard[0]);
  });
});
