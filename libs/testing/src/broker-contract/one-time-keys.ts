import assert from 'node:assert/strict';
import type { Broker } from '@nestcast/hub';
import type { BrokerFixture } from './fixture.js';
import type { ContractRunner } from './harness.js';

const LONG_MS = 60_000;
const SHORT_MS = 40;
/** How much later than its end a key may be free again; milliseconds. */
const WITHIN_MS = 1_000;

/** Keys that can be taken once, where the broker has them: on all of its nodes together. */
export function describeOneTimeKeys(fixture: BrokerFixture, { describe, it }: ContractRunner): void {
  describe('one-time keys', () => {
    it('gives a key to exactly one of 50 that ask at once, and each key by itself', async () => {
      const brokers = fixture.harness.nodes ? await fixture.nodes(2) : [await fixture.broker()];
      const asked = Array.from({ length: 50 }, (_, index) =>
        spend(brokers[index % brokers.length] as Broker, 'a', LONG_MS),
      );
      const outcomes = await Promise.all(asked);
      assert.equal(outcomes.filter(Boolean).length, 1);
      assert.equal(await spend(brokers[0] as Broker, 'b', LONG_MS), true);
    });

    it('has it to give again when its time is over, and not before', async () => {
      const broker = await fixture.broker();
      assert.equal(await spend(broker, 'a', SHORT_MS), true);
      assert.equal(await spend(broker, 'b', LONG_MS), true);
      await fixture.pass(SHORT_MS);
      await eventually(() => spend(broker, 'a', LONG_MS));
      assert.equal(await spend(broker, 'a', LONG_MS), false);
      assert.equal(await spend(broker, 'b', LONG_MS), false);
    });
  });
}

function spend(broker: Broker, key: string, ttlMs: number): Promise<boolean> {
  const spent = broker.spendOnce?.(key, ttlMs);
  assert.ok(spent, 'the broker is said to have spendOnce, but has none');
  return spent;
}

async function eventually(holds: () => Promise<boolean>): Promise<void> {
  const end = performance.now() + WITHIN_MS;
  while (!(await holds())) {
    assert.ok(performance.now() < end, 'the key is still taken after its time');
    await new Promise(setImmediate);
  }
}
