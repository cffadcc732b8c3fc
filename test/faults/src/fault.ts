import type { Ledger } from './ledger.js';
import type { BrokerSettings } from './node/node-protocol.js';
import type { Nodes } from './nodes.js';

/** What can go wrong under an application. */
export interface Fault {
  readonly name: string;
  /** Prepares the broker that the nodes of a round will use. */
  prepare(): Promise<Scene>;
}

/** One round's. */
export interface Scene {
  readonly broker: BrokerSettings;
  /** Does the damage, and repairs what somebody would repair; resolves when both are done. */
  strike(nodes: Nodes, ledger: Ledger): Promise<void>;
  /** Takes everything down. */
  close(): Promise<void>;
}
