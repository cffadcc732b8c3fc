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
  /** Makes `count` brokers over one empty log; without it the cases of several nodes aren't run. */
  readonly nodes?: (context: BrokerContext, count: number) => Promise<Broker[]>;
  /** `'real'`: the engine has a clock of its own, and the cases that turn the clock aren't run. Default: `'manual'`. */
  readonly clock?: 'manual' | 'real';
  /** Whether the brokers have the capability `leases`, whose cases are run then. Default `false`. */
  readonly leases?: boolean;
  /** Whether the brokers have the capability `spendOnce`, whose cases are run then. Default `false`. */
  readonly spendOnce?: boolean;
  /** How many random runs a property gets; default 50. */
  readonly runs?: number;
  /** Called after each case, when its brokers are closed. */
  readonly destroy?: () => Promise<void> | void;
}
