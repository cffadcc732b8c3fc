import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import type { ChannelOptionsByName } from '../channel-options.js';
import { type Client, openClient, setUpHubWith, settled } from '../spec-support/hub-fixture.js';
import { SlowClock } from '../spec-support/slow-clock.js';

const channels: ChannelOptionsByName = {
  long: { coalesceMs: 50, batch: undefined },
  short: { coalesceMs: 10, batch: undefined },
};
const names = ['long', 'short', 'none', 'none either'];

interface Published {
  readonly channel: string;
  readonly data: string;
  /** Its place in the broker's order, times two; an ephemeral event's follows its predecessor's. */
  readonly place: number;
}

const step = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({ channel: fc.constantFrom(...names), ephemeral: fc.boolean() }),
  },
  { weight: 3, arbitrary: fc.record({ advance: fc.integer({ min: 1, max: 60 }) }) },
  { weight: 5, arbitrary: fc.record({ turns: fc.integer({ min: 1, max: 3 }) }) },
  // Every look at the clock uses up the budget of a slice, or none does.
  { weight: 2, arbitrary: fc.record({ lookMs: fc.constantFrom(0, 5) }) },
  { weight: 1, arbitrary: fc.constant({ flush: true }) },
);

it('a connection gets each event of its channels once, in order, whichever of them wait', async () => {
  const audience = fc.subarray(names, { minLength: 1 });
  await fc.assert(
    fc.asyncProperty(
      fc.array(audience, { minLength: 2, maxLength: 6 }),
      fc.array(step, { maxLength: 60 }),
      async (audiences, steps) => {
        const { hub, clock, errors } = setUpHubWith(new SlowClock(), { channels });
        const clients: (readonly [readonly string[], Client])[] = [];
        const join = async (which: readonly (readonly string[])[]): Promise<void> => {
          for (const own of which) {
            clients.push([own, await openClient(hub, own)]);
          }
        };
        await join(audiences);
        // So many that a fan-out yields before it reaches those who come after them.
        await join(Array.from({ length: 64 }, (_, index) => [names[index % 4] ?? 'none']));
        await join(audiences);
        await settled();

        const published: Published[] = [];
        let seq = 0;
        for (const each of steps) {
          if ('channel' in each) {
            const { channel, ephemeral } = each;
            seq += ephemeral ? 0 : 1;
            const data = String(published.length);
            published.push({ channel, data, place: 2 * seq + Number(ephemeral) });
            await hub.publish(channel, { data, ephemeral });
          } else if ('advance' in each) {
            clock.advance(each.advance);
          } else if ('turns' in each) {
            for (let turn = 0; turn < each.turns; turn += 1) {
              await nextTurn();
            }
          } else if ('lookMs' in each) {
            clock.stepMs = each.lookMs;
          } else {
            void hub.disconnect({ userId: 'nobody' });
          }
        }
        clock.stepMs = 0;
        await settled();
        clock.advance(50);
        await settled();

        for (const [own, client] of clients) {
          const events = client.data.map((data) => published[Number(data)]);
          const places = events.map((event) => event?.place ?? NaN);
          expect(places).toEqual(places.toSorted((a, b) => a - b));
          for (const name of names) {
            const expected = published.filter(({ channel }) => channel === name && own.includes(name));
            expect(events.filter((event) => event?.channel === name)).toEqual(expected);
          }
        }
        await hub.close();
        expect([errors, clock.pending]).toEqual([[], 0]);
      },
    ),
    { numRuns: 80 },
  );
}, 60_000);
