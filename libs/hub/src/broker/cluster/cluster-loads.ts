import type { Clock } from '../../clock.js';

/** A node that has told nothing for so many times as long as the asking one lets pass between two reports is left out. */
const SILENT_ROUNDS = 3;

interface Load {
  /** Which broker of its process the node is. */
  readonly number: number;
  readonly connections: number;
  readonly at: number;
}

/** How many connections the nodes of a cluster have, as they have told. */
export class ClusterLoads {
  private readonly loads = new Map<object, Load>();

  constructor(private readonly clock: Clock) {}

  /**
   * @param number which broker of its process the node is: only nodes of the same number do the same work
   * @returns the loads of all such nodes, this one's among them, but for those that are silent: they take no connections either
   */
  report(node: object, number: number, connections: number): readonly number[] {
    const at = this.clock.now();
    const before = this.loads.get(node)?.at ?? -Infinity;
    this.loads.set(node, { number, connections, at });
    const since = at - SILENT_ROUNDS * (at - before);
    return [...this.loads.values()]
      .filter((load) => load.number === number && load.at >= since)
      .map((load) => load.connections);
  }

  /** What the node has told last; 0 if nothing. */
  of(node: object): number {
    return this.loads.get(node)?.connections ?? 0;
  }

  remove(node: object): void {
    this.loads.delete(node);
  }
}
