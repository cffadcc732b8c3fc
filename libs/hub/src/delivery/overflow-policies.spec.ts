import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import type { OverflowPolicy } from '../hub-options.js';
import { type Client, openClient, openOn, request, setUpHub, settled } from '../spec-support/hub-fixture.js';
import { controlsOf, readStream } from '../spec-support/stream-text.js';

const FILL = 'x'.repeat(1_100);
const policyOf = (policy: OverflowPolicy, maxBufferedBytes = 1_000) => ({
  overflow: { maxBufferedBytes, policy, stallMs: 0 },
});

interface Published {
  readonly channel: string;
  readonly key: string | undefined;
  readonly data: string;
}

/** Makes a client lag, publishes what it misses, and lets it read on. */
async function missing(
  policy: OverflowPolicy,
  missed: readonly Published[],
  setUp: { recent?: { maxEvents: number; maxLength: number }; maxEvents?: number } = {},
): Promise<Client> {
  const { recent, maxEvents = 1_000 } = setUp;
  const { hub } = setUpHub({ recent, history: { maxEvents, maxAgeMs: 60_000 } });
  const client = await openClient(hub, ['a', 'b'], { options: policyOf(policy) });
  client.transport.stall();
  await hub.publish('a', { data: FILL });
  await settled();
  expect(client.connection.state).toBe('lagging');
  for (const { channel, key, data } of missed) {
    await hub.publish(channel, { data, key });
  }
  await settled();
  client.transport.resume();
  await settled();
  expect(client.connection.state).toBe('live');
  return client;
}

const events = (...all: readonly (readonly [string, string | undefined, string])[]): Published[] =>
  all.map(([channel, key, data]) => ({ channel, key, data }));

describe('overflow: conflate', () => {
  it('sends the newest of each key of a channel, and everything without a key, in id order', async () => {
    const client = await missing(
      'conflate',
      events(
        ['a', 'EUR', '1'],
        ['a', undefined, '2'],
        ['b', 'EUR', '3'],
        ['a', 'USD', '4'],
        ['a', 'EUR', '5'],
        ['a', undefined, '6'],
      ),
    );
    expect(client.data.slice(1)).toEqual(['2', '3', '4', '5', '6']);
    expect(controlsOf(client.transport.text, 'sse:gap')).toEqual([]);
  });

  it('tells a gap where the log has moved on, which may have had the only one of a key', async () => {
    const missed = events(['a', 'EUR', '1'], ['a', 'USD', '2'], ['a', 'USD', '3'], ['a', 'USD', '4']);
    const client = await missing('conflate', missed, { maxEvents: 2 });
    expect(controlsOf(client.transport.text, 'sse:gap')).toMatchObject([{ reason: 'trimmed' }]);
    expect(client.data.slice(1)).toEqual(['4']);
  });

  it('does it over all pages of the log', async () => {
    const missed = Array.from({ length: 700 }, (_, n) => ({
      channel: 'a',
      key: `k${n % 3}`,
      data: String(n),
    }));
    const client = await missing('conflate', missed, { recent: { maxEvents: 0, maxLength: 0 } });
    expect(client.data.slice(1)).toEqual(['697', '698', '699']);
  });
});

describe('overflow: drop-oldest', () => {
  it('sends the newest that fit, after a gap that says why', async () => {
    const missed = Array.from({ length: 700 }, (_, n) => ({
      channel: n % 2 ? 'a' : 'b',
      key: undefined,
      data: `${n} ${'x'.repeat(290)}`,
    }));
    const client = await missing('drop-oldest', missed);
    expect(controlsOf(client.transport.text, 'sse:gap')).toMatchObject([
      { reason: 'overflow', channels: ['b', 'a'] },
    ]);
    expect(client.data.slice(1).map((data) => Number.parseInt(data, 10))).toEqual([697, 698, 699]);
  });

  it('sends all if all of it fits, and tells no gap then', async () => {
    const client = await missing('drop-oldest', events(['a', undefined, '1'], ['b', undefined, '2']));
    expect(client.data.slice(1)).toEqual(['1', '2']);
    expect(controlsOf(client.transport.text, 'sse:gap')).toEqual([]);
  });

  it('keeps the newest even if it alone is more than may wait', async () => {
    const large = 'x'.repeat(5_000);
    const client = await missing('drop-oldest', events(['a', undefined, '1'], ['a', undefined, large]));
    expect(client.data.slice(1)).toEqual([large]);
  });
});

it.each(['conflate', 'drop-oldest'] as const)(
  '%s: counts no history of a channel whose history is not wanted',
  async (policy) => {
    const { hub } = setUpHub();
    await hub.publish('job', { data: 'j0'.padEnd(70_000, 'x') });
    await hub.publish('job', { key: 'k', data: 'j1' });
    await hub.publish('news', { data: FILL });
    await hub.publish('job', { data: 'j2' });
    const client = request(hub);
    client.transport.stall();
    await openOn(hub, client, [hub.channel('job').fromStart(), 'news'], { options: policyOf(policy) });
    await settled();
    expect(client.connection.state).toBe('lagging');
    client.transport.resume();
    await settled();
    expect(client.data.slice(1)).toEqual(['j1', 'j2']);
    expect(controlsOf(client.transport.text, 'sse:gap')).toEqual([]);
  },
);

it.each(['conflate', 'drop-oldest', 'catch-up'] as const)(
  '%s: whatever a client misses and whenever it stalls, it gets the newest of all keys, in order, once (property)',
  async (policy) => {
    const step = fc.oneof(
      {
        weight: 6,
        arbitrary: fc.record({ channel: fc.constantFrom('a', 'b'), key: fc.constantFrom('k', 'l') }),
      },
      { weight: 3, arbitrary: fc.constantFrom('stall' as const, 'resume' as const, 'turn' as const) },
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 60, size: 'max' }),
        fc.boolean(),
        async (steps, atHand) => {
          const { hub } = setUpHub({ recent: { maxEvents: atHand ? 1_000 : 0, maxLength: 10_000 } });
          const client = await openClient(hub, ['a', 'b'], { options: policyOf(policy, 50) });
          const newest = new Map<string, string>();
          const ids: string[] = [];
          for (const each of steps) {
            if (each === 'stall' || each === 'resume') {
              client.transport[each]();
            } else if (each === 'turn') {
              await settled();
            } else {
              const id = await hub.publish(each.channel, { key: each.key, data: 'x'.repeat(20) });
              newest.set(each.channel + each.key, id);
              ids.push(id);
            }
          }
          client.transport.resume();
          await settled();
          const read = readStream(client.transport.text).events.filter(
            ({ type }) => !type.startsWith('sse:'),
          );
          const got = read.map(({ id }) => id as string);
          expect(got).toEqual(ids.filter((id) => got.includes(id)));
          if (policy === 'catch-up') {
            expect(got).toEqual(ids);
          } else if (policy === 'conflate') {
            expect(got).toEqual(expect.arrayContaining([...newest.values()]));
          } else {
            const gaps = controlsOf(client.transport.text, 'sse:gap');
            expect(gaps.length > 0).toBe(got.length < ids.length);
            expect(got.at(-1)).toBe(ids.at(-1));
          }
        },
      ),
      { numRuns: 150 },
    );
  },
);
