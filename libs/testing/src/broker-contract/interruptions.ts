import assert from 'node:assert/strict';
import type { Broker } from '@nestcast/hub';
import { type BrokerFixture, idsOf, publishTexts, replayAll } from './fixture.js';
import type { ContractRunner } from './harness.js';
import { LogFollower } from './log-follower.js';

const EVENTS = 50;
const texts = Array.from({ length: EVENTS }, (_, index) => String(index));

/** A node that was cut off loses nothing in silence. */
export function describeInterruptions(fixture: BrokerFixture, { describe, it }: ContractRunner): void {
  async function cutOff(broker: Broker, meanwhile: () => Promise<void>): Promise<void> {
    assert.ok(fixture.harness.cutOff, 'cases of interruptions run only if the harness can cut a node off');
    await fixture.harness.cutOff(broker, meanwhile);
  }

  async function follow(
    run: (one: Broker, publish: (channel: string) => Promise<void>) => Promise<void>,
  ): Promise<void> {
    fixture.allowReports();
    const [one, other] = await fixture.nodes(2);
    assert.ok(one && other);
    const [a, b] = [new LogFollower(one, 'a'), new LogFollower(one, 'b')];
    await Promise.all([a.begin(), b.begin()]);
    const publish = async (channel: string): Promise<void> => {
      await publishTexts(other, channel, ...texts);
    };
    await publish('a');
    await run(one, publish);
    await Promise.all([publish('a'), publish('b')]);
    for (const [channel, follower] of [
      ['a', a],
      ['b', b],
    ] as const) {
      const ids = idsOf((await replayAll(other, [channel], 'start')).events);
      await follower.seen(ids.at(-1) ?? '');
      if (follower.gapTold) {
        assert.ok(follower.ids.every((id) => ids.includes(id)));
        assert.equal(new Set(follower.ids).size, follower.ids.length, 'an event came twice');
      } else {
        assert.deepEqual(
          follower.ids,
          ids,
          'events are missing, doubled or out of order, and no gap was told',
        );
      }
    }
  }

  describe('a node that was cut off', () => {
    it('has all that was published meanwhile, once and in order, or is told a gap', async () => {
      await follow((one, publish) => cutOff(one, () => publish('a')));
    });

    it('has it too where nothing was published on a channel before', async () => {
      await follow((one, publish) => cutOff(one, () => publish('b')));
    });

    it('has it when that happens again and again, and while it happens', async () => {
      await follow(async (one, publish) => {
        const meanwhile = Promise.all([publish('a'), publish('b')]);
        await cutOff(one, () => publish('a'));
        await cutOff(one, async () => undefined);
        await cutOff(one, () => publish('b'));
        await meanwhile;
      });
    });
  });
}
