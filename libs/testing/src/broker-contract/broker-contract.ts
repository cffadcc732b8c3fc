import { BrokerFixture } from './fixture.js';
import { describeGaps } from './gaps.js';
import type { BrokerHarness, ContractRunner } from './harness.js';
import { describeInterruptions } from './interruptions.js';
import { describeLeases } from './leases.js';
import { describeNodes } from './nodes.js';
import { describePublishing } from './publishing.js';
import { describeRaces } from './races.js';
import { describeReplay } from './replay.js';
import { describeSubscription } from './subscription.js';

/**
 * What every broker keeps, as test cases: run it in a spec of your own broker, which is done when it passes.
 *
 * @example
 * describeBroker('my broker', { create: (context) => new MyBroker(context) }, { describe, it, beforeEach, afterEach });
 */
export function describeBroker(name: string, harness: BrokerHarness, runner: ContractRunner): void {
  runner.describe(`broker contract: ${name}`, () => {
    const fixture = new BrokerFixture(harness);
    runner.beforeEach(async () => fixture.begin());
    runner.afterEach(() => fixture.end());

    describePublishing(fixture, runner);
    describeSubscription(fixture, runner);
    describeReplay(fixture, runner);
    describeGaps(fixture, runner);
    describeRaces(fixture, runner);
    if (harness.leases) {
      describeLeases(fixture, runner);
    }
    if (harness.nodes) {
      describeNodes(fixture, runner);
    }
    if (harness.nodes && harness.cutOff) {
      describeInterruptions(fixture, runner);
    }
  });
}
