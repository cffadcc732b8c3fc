import type { Clock } from '../clock.js';

/** How long a node is taken for alive after its last sign of life; milliseconds. */
const DEAD_AFTER_MS = 6_000;

/** A node that uses the same log. */
export interface HubNode {
  /** Host, process and chance: no two nodes, and no two lives of one, have the same. */
  readonly id: string;
  /** Whether it is this one. */
  readonly self: boolean;
  /** How many connections it has said to have; up to 2 s ago. */
  readonly connections: number;
}

/** Which other nodes are alive, by what they say. */
export class NodeDirectory {
  private readonly heard = new Map<string, { readonly connections: number; readonly at: number }>();

  constructor(private readonly clock: Clock) {}

  alive(id: string, connections: number): void {
    this.heard.set(id, { connections, at: this.clock.now() });
  }

  /** Nobody can be heard at present: nobody is taken for dead for having said nothing. */
  hold(): void {
    this.heard.forEach(({ connections }, id) => this.alive(id, connections));
  }

  gone(id: string): void {
    this.heard.delete(id);
  }

  others(): HubNode[] {
    const deadline = this.clock.now() - DEAD_AFTER_MS;
    const nodes: HubNode[] = [];
    for (const [id, { connections, at }] of this.heard) {
      if (at > deadline) {
        nodes.push({ id, self: false, connections });
      } else {
        this.heard.delete(id);
      }
    }
    return nodes;
  }
}
