import { AppNode } from './app-node.js';
import type { BrokerSettings, NodeSettings } from './node/node-protocol.js';

/** The nodes of one application: one on Express, the next on Fastify, and so on. */
export class Nodes {
  /** Those of now. */
  readonly all: AppNode[];
  /** They stay, whatever dies. */
  readonly addresses: readonly string[];

  private constructor(nodes: readonly AppNode[]) {
    this.all = [...nodes];
    this.addresses = nodes.map(({ url }) => url);
  }

  static async start(
    count: number,
    broker: BrokerSettings,
    others: Omit<NodeSettings, 'adapter' | 'port' | 'broker'> = {},
  ): Promise<Nodes> {
    const started = await Promise.allSettled(
      Array.from({ length: count }, (_, index) =>
        AppNode.start({
          adapter: index % 2 === 0 ? 'express' : 'fastify',
          port: 0,
          broker,
          ...others,
        }),
      ),
    );
    const nodes = started.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
    const failed = started.find((each) => each.status === 'rejected');
    if (failed) {
      await Promise.all(nodes.map((node) => node.kill()));
      throw failed.reason;
    }
    return new Nodes(nodes);
  }

  /** @throws RangeError if there is none of this number */
  at(index: number): AppNode {
    const node = this.all[index];
    if (!node) {
      throw new RangeError(`There is no node ${index}.`);
    }
    return node;
  }

  /** Starts another one in the place of one that was killed. */
  async restart(index: number): Promise<void> {
    this.all[index] = await this.at(index).restarted();
  }

  async kill(): Promise<void> {
    await Promise.all(this.all.map((node) => node.kill()));
  }
}
