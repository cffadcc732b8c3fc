import assert from 'node:assert/strict';
import type { Broker } from '@nestcast/hub';
import * as fc from 'fast-check';
import { eventRecord } from '../event-record.js';
import {
  assertComplete,
  assertRising,
  type BrokerFixture,
  idsOf,
  publishTexts,
  record,
  replayAll,
  textsOf,
} from './fixture.js';
import type { ContractRunner } from './harness.js';
import { JoinRace } from './join-race.js';
import { assertJoins, step } from './races.js';

/** Several nodes over one log are one broker. */
export function describeNodes(fixture: BrokerFixture, { describe, it }: ContractRunner): void {
  const pair = async (): Promise<[Broker, Broker]> => {
    const [one, other] = await fixture.nodes(2);
    assert.ok(one && other);
    return [one, other];
  };

  describe('several nodes', () => {
    it('carry an event to the sinks of all of them', async () => {
      const [one, other] = await pair();
      const here = await record(one, 'a');
      const there = await record(other, 'a');
      const ids = [...(await publishTexts(one, 'a', '1', '2')), ...(await publishTexts(other, 'a', '3'))];
      await Promise.all([here.seen(...ids), there.seen(...ids)]);
      assert.deepEqual(here.ids, ids);
      assert.deepEqual(there.ids, ids);
      assert.deepEqual(there.data, ['1', '2', '3']);
    });

    it('carry ephemeral events too', async () => {
      const [one, other] = await pair();
      const there = await record(other, 'a');
      await one.publish('a', eventRecord({ data: 'typing', ephemeral: true }));
      await publishTexts(one, 'a', 'sent');
      await there.count(2);
      assert.deepEqual(there.data, ['typing', 'sent']);
    });

    it('share the log and its cursors', async () => {
      const [one, other] = await pair();
      const [first = ''] = await publishTexts(one, 'a', '1', '2');
      await publishTexts(other, 'b', '3');
      const replay = await other.replay(['a', 'b'], { after: first }, 10);
      assertComplete(replay);
      assert.deepEqual(textsOf(replay.events), ['2', '3']);
      await publishTexts(other, 'a', '4');
      const later = await one.replay(['a', 'b'], { after: replay.cursor }, 10);
      assertComplete(later);
      assert.deepEqual(textsOf(later.events), ['4']);
    });

    it('number what they publish at once in one order', async () => {
      const nodes = await fixture.nodes(3);
      const recorders = await Promise.all(nodes.map((node) => record(node, 'a', 'b')));
      const publishes = Array.from({ length: 30 }, (_, index) =>
        nodes.map((node) => node.publish(index % 2 === 0 ? 'a' : 'b', eventRecord())),
      );
      const ids = await Promise.all(publishes.flat());
      await Promise.all(recorders.map((each) => each.seen(...ids)));
      const [first] = nodes;
      assert.ok(first);
      const { events } = await replayAll(first, ['a', 'b'], 'start');
      assert.equal(new Set(ids).size, 90);
      assertRising(events);
      for (const { ids: seen } of recorders) {
        assert.deepEqual(seen, idsOf(events));
      }
    });

    it('let a reader join on one while the other publishes', async () => {
      const [one, other] = await pair();
      await assertJoins(one, other);
    });

    it('do so in random interleavings (property)', async () => {
      const nodes = await fixture.nodes(3);
      let run = 0;
      await fc.assert(
        fc.asyncProperty(fc.array(step(3), { minLength: 1, maxLength: 40 }), async (steps) => {
          run += 1;
          await new JoinRace(nodes, `run-${run}`).play(steps);
        }),
        { numRuns: fixture.harness.runs ?? 50 },
      );
    });

    it('go on when one of them closes', async () => {
      const [one, other] = await pair();
      const there = await record(other, 'a');
      const ids = await publishTexts(one, 'a', '1');
      await fixture.close(one);
      ids.push(...(await publishTexts(other, 'a', '2')));
      await there.seen(...ids);
      assert.deepEqual(there.ids, ids);
      const { events } = await replayAll(other, ['a'], 'start');
      assert.deepEqual(idsOf(events), ids);
    });
  });
}
