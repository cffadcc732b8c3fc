import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type Broker, type BrokerContext, type Clock, memoryBroker } from '@nestcast/hub';
import { describeBroker } from './broker-contract.js';
import { BrokerDoor } from './broker-door.fixture.js';
import { contractFailures } from './contract-failures.fixture.js';
import type { BrokerHarness } from './harness.js';

const memory = memoryBroker();
type SpendOnce = NonNullable<Broker['spendOnce']>;

function harness(make: (clock: Clock) => SpendOnce): BrokerHarness {
  const nodes = (context: BrokerContext, count: number): Broker[] => {
    const broker = memory(context);
    const spendOnce = make(context.clock);
    return Array.from({ length: count }, () => new BrokerDoor(broker, undefined, spendOnce));
  };
  return {
    create: (context) => nodes(context, 1)[0] as Broker,
    nodes: async (context, count) => nodes(context, count),
    spendOnce: true,
  };
}

function keysOf(clock: Clock): SpendOnce {
  const ends = new Map<string, number>();
  return async (key, ttlMs) => {
    const free = (ends.get(key) ?? 0) <= clock.now();
    if (free) {
      ends.set(key, clock.now() + ttlMs);
    }
    return free;
  };
}

describeBroker('memory with one-time keys', harness(keysOf), { describe, it, beforeEach, afterEach });

describe('the contract for one-time keys', () => {
  const atOnce = 'gives a key to exactly one of 50 that ask at once, and each key by itself';
  const again = 'has it to give again when its time is over, and not before';
  const breakages: [what: string, make: (clock: Clock) => SpendOnce, failing: string[]][] = [
    ['gives everybody everything', () => async () => true, [atOnce, again]],
    [
      'looks before it takes, some time before',
      (clock) => {
        const ends = new Map<string, number>();
        return async (key, ttlMs) => {
          const free = (ends.get(key) ?? 0) <= clock.now();
          await new Promise(setImmediate);
          ends.set(key, clock.now() + ttlMs);
          return free;
        };
      },
      [atOnce],
    ],
    [
      'keeps keys for good',
      (clock) => {
        const spendOnce = keysOf(clock);
        return (key) => spendOnce(key, Number.MAX_SAFE_INTEGER);
      },
      [again],
    ],
  ];
  it.each(breakages)('is not kept by one that %s', async (_what, make, failing) => {
    const failed = await contractFailures(harness(make), ({ groups }) => groups.includes('one-time keys'));
    expect(failed).toEqual(failing);
  });
});
