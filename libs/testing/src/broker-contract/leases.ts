import assert from 'node:assert/strict';
import type { Broker, Lease, LeaseClaim, LeaseHolder, LeaseStore } from '@nestcast/hub';
import type { BrokerFixture } from './fixture.js';
import type { ContractRunner } from './harness.js';

const MINUTE_MS = 60_000;
/** How long an eviction or a release may take on its way; milliseconds. */
const WITHIN_MS = 1_000;
const claim = (key: string, max: number): LeaseClaim => ({ key, limit: `limit of ${key}`, max });

/** Leases, where the broker has them: counted once for all its nodes. */
export function describeLeases(fixture: BrokerFixture, { describe, it }: ContractRunner): void {
  describe('leases', () => {
    it('takes all claims together or none, and names the first that is used up', async () => {
      const store = leasesOf(await fixture.broker());
      await taken(store, [claim('a', 1)]);
      await assertRefused(store, [claim('b', 1), claim('a', 1), claim('c', 0)], 'a');
      await taken(store, [claim('b', 1)]);
    });

    it('lets in exactly as many of 100 parallel ones as may be', async () => {
      const store = leasesOf(await fixture.broker());
      const outcomes = await Promise.all(
        Array.from({ length: 100 }, async () => store.take([claim('a', 3), claim('b', 50)])),
      );
      assert.equal(outcomes.filter((outcome) => !('refused' in outcome)).length, 3);
    });

    it('gets a slot back once, however often it is released, and one key alone where one is named', async () => {
      const store = leasesOf(await fixture.broker());
      const lease = await taken(store, [claim('a', 2), claim('b', 1)]);
      await taken(store, [claim('a', 2)]);
      lease.release('b');
      lease.release('b');
      await becomesFree(store, [claim('b', 1)]);
      await assertRefused(store, [claim('a', 2)], 'a');
      lease.release();
      lease.release();
      await becomesFree(store, [claim('a', 2)]);
      await assertRefused(store, [claim('a', 2)], 'a');
    });

    it('evicts the oldest of those that can make room, only if asked to', async () => {
      const store = leasesOf(await fixture.broker());
      const [first, second] = [new Holder(), new Holder()];
      await taken(store, [claim('a', 3)]);
      await taken(store, [claim('a', 3)], first);
      await taken(store, [claim('a', 3)], second);
      await assertRefused(store, [claim('a', 3)], 'a', new Holder());
      await taken(store, [claim('a', 3)], new Holder(), true);
      await first.assertEvicted('limit of a');
      assert.deepEqual(second.limits, []);
      await assertRefused(store, [claim('a', 3)], 'a');
    });

    it('evicts nobody where that would not do', async () => {
      const store = leasesOf(await fixture.broker());
      const holder = new Holder();
      await taken(store, [claim('kept', 1)]);
      await taken(store, [claim('a', 1)], holder);
      await assertRefused(store, [claim('kept', 1), claim('a', 1)], 'kept', new Holder(), true);
      await assertRefused(store, [claim('a', 1)], 'a');
      assert.deepEqual(holder.limits, []);
    });

    it('counts opens by the minute, each key its own, and those refused not', async () => {
      const store = leasesOf(await fixture.broker());
      const opens: number[] = [];
      for (let open = 0; open < 4; open += 1) {
        opens.push(await store.countOpen('a', 2));
      }
      assert.deepEqual(
        opens.map((waitMs) => waitMs > 0),
        [false, false, true, true],
      );
      assert.ok(opens.every((waitMs) => waitMs <= MINUTE_MS));
      assert.equal(await store.countOpen('b', 2), 0);
    });

    if (fixture.harness.nodes) {
      it('counts over all nodes, and evicts where the holder lives', async () => {
        const [one, other] = (await fixture.nodes(2)).map(leasesOf) as [LeaseStore, LeaseStore];
        const holder = new Holder();
        await taken(one, [claim('a', 2)], holder);
        await taken(other, [claim('a', 2)]);
        await assertRefused(one, [claim('a', 2)], 'a');
        await assertRefused(other, [claim('a', 2)], 'a');
        await taken(other, [claim('a', 2)], undefined, true);
        await holder.assertEvicted('limit of a');
        assert.equal(await one.countOpen('a', 1), 0);
        assert.ok((await other.countOpen('a', 1)) > 0);
      });
    }
  });
}

function leasesOf({ leases }: Broker): LeaseStore {
  assert.ok(leases, 'the broker is said to have leases, but has none');
  return leases;
}

async function taken(store: LeaseStore, ...args: Parameters<LeaseStore['take']>): Promise<Lease> {
  const outcome = await store.take(...args);
  assert.ok(!('refused' in outcome), `refused by ${'refused' in outcome ? outcome.refused.key : ''}`);
  return outcome;
}

async function assertRefused(
  store: LeaseStore,
  claims: readonly LeaseClaim[],
  key: string,
  holder?: LeaseHolder,
  evicts?: boolean,
): Promise<void> {
  const outcome = await store.take(claims, holder, evicts);
  assert.ok('refused' in outcome, 'taken, although it is used up');
  assert.equal(outcome.refused.key, key);
}

/** What is released may take its time on the way. */
async function becomesFree(store: LeaseStore, claims: readonly LeaseClaim[]): Promise<void> {
  await within(async () => !('refused' in (await store.take(claims))), 'what was released is still held');
}

async function within(holds: () => boolean | Promise<boolean>, complaint: string): Promise<void> {
  const end = performance.now() + WITHIN_MS;
  while (!(await holds())) {
    assert.ok(performance.now() < end, complaint);
    await new Promise(setImmediate);
  }
}

class Holder implements LeaseHolder {
  readonly limits: string[] = [];

  evict(limit: string): void {
    this.limits.push(limit);
  }

  async assertEvicted(limit: string): Promise<void> {
    await within(() => this.limits.length > 0, 'nobody was evicted');
    assert.deepEqual(this.limits, [limit]);
  }
}
