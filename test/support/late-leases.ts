import { setImmediate as turn } from 'node:timers/promises';
import {
  type BrokerFactory,
  type Lease,
  type LeaseClaim,
  type LeaseHolder,
  type LeaseRefusal,
  type LeaseStore,
  NodeLeases,
  memoryBroker,
} from '@nestcast/hub';

/**
 * A store of leases as if over a network, which a broker brings along: what is asked gets there a turn of the event loop
 * later, its answer is a turn old, and those who must make room hear of it a turn after they have lost their place.
 */
export class LateLeases implements LeaseStore {
  /** Given, it rejects with it. */
  failure: Error | undefined;
  /** Given, it answers no sooner. */
  gate: Promise<void> | undefined;
  /** What it has been asked, answered or not. */
  asked = 0;
  private node: NodeLeases | undefined;

  readonly broker: BrokerFactory = (context) => {
    const broker = memoryBroker()(context);
    const node = new NodeLeases(context.clock);
    this.node = node;
    return {
      leases: this,
      publish: (channel, event) => broker.publish(channel, event),
      subscribe: (...args) => broker.subscribe(...args),
      replay: (channels, from, limit) => broker.replay(channels, from, limit),
      close: () => {
        node.close();
        return broker.close();
      },
    };
  };

  /** How many keys are held at all. */
  get size(): number {
    return this.node?.size ?? 0;
  }

  async take(
    claims: readonly LeaseClaim[],
    holder?: LeaseHolder,
    evicts?: boolean,
  ): Promise<Lease | LeaseRefusal> {
    return this.late((node) => node.take(claims, holder && toldLate(holder), evicts));
  }

  async countOpen(key: string, perMinute: number): Promise<number> {
    return this.late((node) => node.countOpen(key, perMinute));
  }

  private async late<T>(ask: (node: NodeLeases) => T): Promise<T> {
    this.asked += 1;
    await turn();
    const answer = ask(this.node as NodeLeases);
    await turn();
    await this.gate;
    if (this.failure) {
      throw this.failure;
    }
    return answer;
  }
}

const toldLate = (holder: LeaseHolder): LeaseHolder => ({
  evict: (limit) => void setImmediate(() => holder.evict(limit)),
});
