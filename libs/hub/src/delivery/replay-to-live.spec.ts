import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { type Client, openOn, request, setUpHub, settled } from '../spec-support/hub-fixture.js';
import { readStream } from '../spec-support/stream-text.js';

interface Published {
  readonly channel: string;
  readonly data: string;
  readonly ephemeral: boolean;
}

type Member = Client & { readonly channels: readonly string[]; readonly left: Set<string> };

type Step =
  | { readonly kind: 'publish'; readonly channel: string; readonly ephemeral: boolean }
  | { readonly kind: 'open'; readonly channels: readonly string[] }
  | { readonly kind: 'stall' | 'resume'; readonly client: number }
  | { readonly kind: 'leave'; readonly client: number; readonly channel: string }
  | { readonly kind: 'release' | 'turn' | 'tick' };

describe('from replay to live', () => {
  const channel = fc.constantFrom('a', 'b', 'c');
  const step: fc.Arbitrary<Step> = fc.oneof(
    {
      weight: 5,
      arbitrary: fc.record({ kind: fc.constant('publish' as const), channel, ephemeral: fc.constant(false) }),
    },
    {
      weight: 1,
      arbitrary: fc.record({ kind: fc.constant('publish' as const), channel, ephemeral: fc.constant(true) }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        kind: fc.constant('open' as const),
        channels: fc.uniqueArray(channel, { minLength: 1 }),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({ kind: fc.constantFrom('stall' as const, 'resume' as const), client: fc.nat(9) }),
    },
    {
      weight: 1,
      arbitrary: fc.record({ kind: fc.constant('leave' as const), client: fc.nat(9), channel }),
    },
    {
      weight: 6,
      arbitrary: fc.record({ kind: fc.constantFrom('release' as const, 'turn' as const, 'tick' as const) }),
    },
  );

  it.each([0, 3, 1_024])(
    'loses and doubles nothing, whatever falls in between (property, %i at hand)',
    async (maxEvents) => {
      await fc.assert(
        fc.asyncProperty(fc.array(step, { maxLength: 60, size: 'max' }), async (steps) => {
          const { hub, broker } = setUpHub({ recent: { maxEvents, maxLength: 1_000 } });
          broker.holdsReplays = true;
          const published: { channel: string; data: string; ephemeral: boolean }[] = [];
          const clients: Member[] = [];
          for (const each of steps) {
            switch (each.kind) {
              case 'publish': {
                const data = `${each.channel}${published.length}`;
                published.push({ ...each, data });
                void hub.publish(each.channel, { data, ephemeral: each.ephemeral });
                break;
              }
              case 'open': {
                const client = request(hub);
                const overflow = { maxBufferedBytes: 60, policy: 'catch-up', stallMs: 0 } as const;
                const handles = each.channels.map((name) => hub.channel(name).fromStart());
                void openOn(hub, client, handles, { options: { overflow } });
                clients.push({ ...client, channels: each.channels, left: new Set() });
                break;
              }
              case 'leave': {
                const client = clients[each.client];
                if (client) {
                  client.left.add(each.channel);
                  void hub.unsubscribe({ connectionId: client.connection.id }, each.channel);
                }
                break;
              }
              case 'stall':
                clients[each.client]?.transport.stall();
                break;
              case 'resume':
                clients[each.client]?.transport.resume();
                break;
              case 'release':
                broker.release();
                break;
              case 'turn':
                await nextTurn();
                break;
              case 'tick':
                await Promise.resolve();
                break;
            }
          }
          broker.holdsReplays = false;
          clients.forEach(({ transport }) => transport.resume());
          while (broker.release()) {
            await nextTurn();
          }
          await settled();
          clients.forEach((client) => expectAll(client, published));
        }),
        { numRuns: 200 },
      );
    },
  );
});

/** What stays its own it has got in full, of what it was taken out of a beginning, and nothing twice. */
function expectAll({ connection, transport, channels, left }: Member, published: readonly Published[]): void {
  const kept = channels.filter((channel) => !left.has(channel));
  expect([connection.state, connection.closeReason]).toEqual(
    kept.length > 0 ? ['live', undefined] : ['closed', 'revoked'],
  );
  const { events } = readStream(transport.text);
  const numbered = events.filter(({ id, type }) => type === 'message' && id !== undefined);
  const got = numbered.map(({ data }) => data);
  const all = published.filter(({ ephemeral }) => !ephemeral);
  expect(got.filter((data) => kept.includes(data.charAt(0)))).toEqual(
    all.filter(({ channel }) => kept.includes(channel)).map(({ data }) => data),
  );
  for (const channel of left) {
    const some = got.filter((data) => data.startsWith(channel));
    expect(some).toEqual(
      all
        .filter((event) => event.channel === channel)
        .map(({ data }) => data)
        .slice(0, some.length),
    );
  }
  const passing = events.filter(({ id, type }) => type === 'message' && id === undefined);
  expect(new Set(passing.map(({ data }) => data)).size).toBe(passing.length);
}
