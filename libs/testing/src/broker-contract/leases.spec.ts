import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  type Awaitable,
  type Broker,
  type BrokerContext,
  type LeaseStore,
  memoryBroker,
  NodeLeases,
} from '@nestcast/hub';
import { describeBroker } from './broker-contract.js';
import { BrokerDoor } from './broker-door.fixture.js';
import { contractFailures } from './contract-failures.fixture.js';
import type { BrokerHarness } from './harness.js';

const memory = memoryBroker();

type Change = (leases: NodeLeases) => Partial<LeaseStore>;

function harness(change: Change): BrokerHarness {
  const make = (context: BrokerContext, count: number): Broker[] => {
    const leases = new NodeLeases(context.clock);
    const store: LeaseStore = {
      take: (...args) => leases.take(...args),
      countOpen: (...args) => leases.countOpen(...args),
      ...change(leases),
    };
    const broker = memory(context);
    return Array.from({ length: count }, () => new BrokerDoor(broker, store));
  };
  return {
    create: (context) => make(context, 1)[0] as Broker,
    nodes: async (context, count) => make(context, count),
    leases: true,
  };
}

/** The names of the lease cases that fail. */
const failures = (change: Change): Promise<string[]> =>
  contractFailures(harness(change), ({ groups }) => groups.includes('leases'));

describeBroker(
  'memory with leases',
  harness(() => ({})),
  { describe, it, beforeEach, afterEach },
);

const late = <T>(answer: Awaitable<T>): Promise<T> =>
  new Promise((resolve) => {
    setImmediate(() => resolve(answer));
  });

const lateChange: Change = (leases) => ({
  take: (...args) => late(leases.take(...args)),
  countOpen: (...args) => late(leases.countOpen(...args)),
});

describe('the contract for leases', () => {
  it('is kept by a store that takes its time', async () => {
    expect(await failures(lateChange)).toEqual([]);
  });

  const breakages: [what: string, change: Change, failing: string][] = [
    [
      'claims one by one',
      (leases) => ({
        take: (claims, ...rest) => {
          const refused = claims
            .map((each) => leases.take([each], ...rest))
            .find((each) => 'refused' in each);
          return refused ?? { release: () => undefined };
        },
      }),
      'takes all claims together or none, and names the first that is used up',
    ],
    [
      'looks before it takes, some time before',
      (leases) => ({
        take: async (claims, ...rest) => {
          const outcome = leases.take(claims, ...rest);
          if ('release' in outcome) {
            outcome.release();
            await late(undefined);
            leases.take(claims, ...rest);
          }
          return outcome;
        },
      }),
      'lets in exactly as many of 100 parallel ones as may be',
    ],
    [
      'evicts unasked',
      (leases) => ({ take: (claims, holder) => leases.take(claims, holder, true) }),
      'evicts the oldest of those that can make room, only if asked to',
    ],
    [
      'counts no opens',
      () => ({ countOpen: () => 0 }),
      'counts opens by the minute, each key its own, and those refused not',
    ],
  ];
  it.each(breakages)('is not kept by one that %s', async (_what, change, failing) => {
    expect(await failures(change)).toContain(failing);
  });
});
