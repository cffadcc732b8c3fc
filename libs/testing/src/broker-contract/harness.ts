import type { Broker, BrokerContext } from '@nestcast/hub';

/** The functions of a test runner; those of Jest, Vitest and node:test fit. */
export interface ContractRunner {
  readonly describe: (name: string, body: () => void) => unknown;
  readonly it: (name: string, body: () => Promise<void>) => unknown;
  readonly beforeEach: (body: () => Promise<void>) => unknown;
  readonly afterEach: (body: () => Promise<void>) => unknown;
}

/** How the contract gets at the brokers it is run against. */
export interface BrokerHarness {
  /** Makes a broker whose log is empty and shared with no other. */
  readonly create: (context: BrokerContext) => Promise<Broker> | Broker;
  /**
   * Makes `count` brokers over one empty log, as different nodes would have them; without it the cases of several nodes aren't
   * run. Each is closed on its own, in any order.
   */
  readonly nodes?: (context: BrokerContext, count: number) => Promise<Broker[]>;
  /**
   * Cuts the connection of a broker that {@link nodes} has made, so that what others publish doesn't reach it, runs
   * `meanwhile`, and resolves when the connection may be made again (which the broker does by itself). Its calls may reject
   * with `BROKER_UNAVAILABLE` until then. Without it, or without {@link nodes}, the cases of interruptions aren't run.
   */
  readonly cutOff?: (broker: Broker, meanwhile: () => Promise<void>) => Promise<void>;
  /** `'real'`: the engine has a clock of its own, and the cases that turn the clock aren't run. Default: `'manual'`. */
  readonly clock?: 'manual' | 'real';
  /** Whether the brokers have the capability `leases`, whose cases are run then. Default `false`. */
  readonly leases?: boolean;
  /** How many random runs a property gets; default 50. */
  readonly runs?: number;
  /** Called after each case, when its brokers are closed. */
  readonly destroy?: () => Promise<void> | void;
}
