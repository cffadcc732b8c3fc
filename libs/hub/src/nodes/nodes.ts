import type { Presence } from '../presence.js';
import type { HubNode } from './node-directory.js';
import type { Change } from './node-message.js';

/** All nodes of one broker, this one among them. */
export interface Nodes {
  /** @returns how many connections it was, over all nodes */
  change(change: Change): Promise<number>;
  presence(channel: string): Promise<Presence[]>;
  /** Those that are alive, this one first. */
  list(): HubNode[];
  /** Says goodbye to the others, and leaves no timer. */
  leave(): Promise<void>;
}
