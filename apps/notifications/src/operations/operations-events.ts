import type { NodeFigures } from './node-figures.js';

/** The events of the channel `operations/figures`. */
export interface OperationsEvents {
  /** Of each node, about once a second. */
  'node.figures': NodeFigures;
}

/** What an administrator sends to see whether it arrives: a toast on the pages that are open, and kept nowhere. */
export interface TestEvent {
  readonly id: string;
  readonly title: string;
  readonly message: string;
  /** The sender's name. */
  readonly sender: string;
}

/** The events that come on a user's channel, and on the announcements, beside notifications. */
export interface TestEvents {
  'operations.test': TestEvent;
}

/** A connection, as `GET /operations/connections` tells of it. */
export interface OpenConnection {
  readonly id: string;
  /** The name of its node. */
  readonly node: string;
  readonly channels: readonly string[];
  /** Milliseconds since the Unix epoch. */
  readonly openedAt: number;
  /** Events sent. */
  readonly messages: number;
  readonly bytes: number;
  readonly lagging: boolean;
}

/** As `GET /operations/connections` answers. */
export interface UserConnections {
  /** Of all nodes; the oldest first. */
  readonly connections: readonly OpenConnection[];
  /** Whether all nodes have answered. */
  readonly complete: boolean;
}
