import assert from 'node:assert/strict';
import type { Broker } from '@nestcast/hub';
import * as fc from 'fast-check';
import { eventRecord } from '../event-record.js';
import { assertRising, type BrokerFixture, idsOf, record, replayAll } from './fixture.js';
import type { ContractRunner } from './harness.js';
import { JoinRace, type RaceStep } from './join-race.js';

/** What happens at once: the order stays one, and who joins loses and doubles nothing. */
export function describeRaces(fixture: BrokerFixture, { describe, it }: ContractRunner): void {
  describe('at the same time', () => {
    it('gives 100 parallel publishes 100 ids in one order for all', async () => {
      const broker = await fixture.broker();
      const one = await record(broker, 'a', 'b');
      const other = await record(broker, 'b', 'a');
      const texts = Array.from({ length: 100 }, (_, index) => String(index));
      const ids = await Promise.all(
        texts.map((data, index) => broker.publish(index % 3 === 0 ? 'b' : 'a', eventRecord({ data }))),
      );
      await Promise.all([one.count(100), other.count(100)]);
      assert.equal(new Set(ids).size, 100);
      const { events } = await replayAll(broker, ['a', 'b'], 'start');
      assertRising(events);
      assert.deepEqual([...idsOf(events)].toSorted(), [...ids].toSorted());
      assert.deepEqual(one.ids, idsOf(events));
      assert.deepEqual(other.ids, idsOf(events));
      const dataById = new Map(ids.map((id, index) => [id, texts[index]]));
      assert.ok(
        events.every(({ id, data }) => dataById.get(id) === data),
        'an id belongs to another event',
      );
    });

    it('lets a reader join between publishes without loss or doubles', async () => {
      const broker = await fixture.broker();
      await assertJoins(broker, broker);
    });

    it('does so in random interleavings on three channels (property)', async () => {
      const broker = await fixture.broker();
      let run = 0;
      await fc.assert(
        fc.asyncProperty(fc.array(step(), { minLength: 1, maxLength: 40 }), async (steps) => {
          run += 1;
          await new JoinRace([broker], `run-${run}`).play(steps);
        }),
        { numRuns: fixture.harness.runs ?? 50 },
      );
    });
  });
}

/** Publishes on one node while readers join on the other, one after another. */
export async function assertJoins(writer: Broker, reader: Broker): Promise<void> {
  const race = new JoinRace([writer, reader], 'joins');
  const steps: RaceStep[] = [];
  for (let round = 0; round < 20; round += 1) {
    steps.push(
      ...Array.from({ length: 5 }, (_, index): RaceStep => ({
        kind: 'publish',
        node: 0,
        channel: index % 3,
        ephemeral: index === 4,
      })),
      {
        kind: 'join',
        node: 1,
        channels: [round % 3, (round + 1) % 3],
        from: round % 2 === 0 ? 'start' : round * 2,
      },
      ...Array.from({ length: 3 }, (): RaceStep => ({
        kind: 'publish',
        node: 0,
        channel: round % 3,
        ephemeral: false,
      })),
      ...(round % 4 === 0 ? [{ kind: 'turn' } as const] : []),
      ...(round % 7 === 0 ? [{ kind: 'settle' } as const] : []),
    );
  }
  await race.play(steps);
}

/** One random step of a race. */
export function step(nodes = 1): fc.Arbitrary<RaceStep> {
  const node = fc.nat({ max: nodes - 1 });
  const channel = fc.nat({ max: 2 });
  return fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({ kind: fc.constant('publish' as const), node, channel, ephemeral: fc.boolean() }),
    },
    {
      weight: 3,
      arbitrary: fc.record({
        kind: fc.constant('join' as const),
        node,
        channels: fc.uniqueArray(channel, { minLength: 1, maxLength: 3 }),
        from: fc.oneof(fc.constant('start' as const), fc.nat({ max: 40 })),
      }),
    },
    { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom('tick' as const, 'turn' as const) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('settle' as const) }) },
  );
}
