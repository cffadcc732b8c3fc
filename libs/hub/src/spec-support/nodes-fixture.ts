import type { Broker, HistoryOptions } from '../broker/broker.js';
import { memoryBroker } from '../broker/memory-broker.js';
import { hubDefaults } from '../hub-options.js';
import { FaultyBroker } from './faulty-broker.js';
import { HandClock } from './hand-clock.js';
import { type HubFixture, setUpHubWith, settled } from './hub-fixture.js';

/** One of several hubs over one log, and its way there. */
export type NodeFixture = HubFixture & { readonly network: FaultyBroker };

export interface NodesFixture {
  readonly nodes: readonly NodeFixture[];
  readonly clock: HandClock;
  readonly log: Broker;
  /** One more. */
  readonly add: (away?: boolean) => NodeFixture;
  /** Turns the clock second by second, and lets everything happen that is due meanwhile. */
  readonly pass: (ms: number) => Promise<void>;
}

/** Hubs over one log, who know each other. */
export async function setUpNodes(
  count: number,
  history: HistoryOptions = hubDefaults.history,
): Promise<NodesFixture> {
  const clock = new HandClock();
  const log = memoryBroker()({ history, clock, onError: () => undefined });
  const add = (away = false): NodeFixture => {
    const network = new FaultyBroker(log, true);
    network.away = away;
    return { ...setUpHubWith(clock, { broker: () => network }), network };
  };
  const nodes = Array.from({ length: count }, () => add());
  await settled();
  const pass = async (ms: number): Promise<void> => {
    await settled();
    for (let left = ms; left > 0; left -= 1_000) {
      clock.advance(Math.min(left, 1_000));
      await settled();
    }
  };
  return { nodes, clock, log, add, pass };
}
