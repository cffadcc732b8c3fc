import { describeBroker } from './broker-contract.js';
import type { BrokerHarness } from './harness.js';

/** A case of the contract, and the groups that it stands in. */
interface ContractCase {
  readonly groups: readonly string[];
  readonly name: string;
  readonly body: () => Promise<void>;
}

/** Runs the contract without a test runner, or those of its cases that are `wanted`, and returns the names of those that fail. */
export async function contractFailures(
  harness: BrokerHarness,
  wanted: (each: ContractCase) => boolean = () => true,
): Promise<string[]> {
  const cases: ContractCase[] = [];
  const before: (() => Promise<void>)[] = [];
  const after: (() => Promise<void>)[] = [];
  let groups: readonly string[] = [];
  describeBroker('in a test', harness, {
    describe: (name, body) => {
      const outer = groups;
      groups = [...outer, name];
      body();
      groups = outer;
    },
    it: (name, body) => cases.push({ groups, name, body }),
    beforeEach: (body) => before.push(body),
    afterEach: (body) => after.push(body),
  });
  const failed: string[] = [];
  for (const each of cases.filter(wanted)) {
    // oxlint-disable no-await-in-loop -- the cases share a fixture
    await Promise.all(before.map((prepare) => prepare()));
    await each.body().catch((error: unknown) => {
      if (error instanceof ReferenceError || error instanceof TypeError) {
        // The harness is broken, not the contract.
        throw error;
      }
      failed.push(each.name);
    });
    await Promise.all(after.map((cleanUp) => cleanUp()));
    // oxlint-enable no-await-in-loop
  }
  return failed;
}
