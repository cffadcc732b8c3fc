import type { Presence } from '../presence.js';
import type { HubNode } from './node-directory.js';
import type { Change } from './node-message.js';
import type { Nodes } from './nodes.js';
import type { OwnConnections } from './own-connections.js';

/** A node whose broker is its own. */
export class SingleNode implements Nodes {
  constructor(
    private readonly id: string,
    private readonly own: OwnConnections,
  ) {}

  async change(change: Change): Promise<number> {
    const act = this.own.select(change);
    await this.own.sent();
    return act();
  }

  async presence(channel: string): Promise<Presence[]> {
    return this.own.presence(channel);
  }

  list(): HubNode[] {
    return [{ id: this.id, self: true, connections: this.own.count }];
  }

  async leave(): Promise<void> {
    // Nobody else is there.
  }
}
