import { type Broker, type BrokerFactory, type BrokerHealth, memoryBroker } from '@nestcast/hub';

/** The memory broker, with its subscriptions to be seen and its answers to be spoilt. */
export class WatchedBroker {
  /** What the node is subscribed to; a name twice if it is twice. */
  readonly subscriptions: string[] = [];
  health: BrokerHealth | Promise<BrokerHealth> = { up: true };
  /** Given, subscribing rejects with it. */
  refusal: Error | undefined;

  readonly factory: BrokerFactory = (context) => {
    const broker = memoryBroker()(context);
    return {
      publish: (channel, event) => broker.publish(channel, event),
      replay: (channels, from, limit) => broker.replay(channels, from, limit),
      close: () => broker.close(),
      health: async () => this.health,
      subscribe: async (...args) => this.subscribe(broker, ...args),
    };
  };

  private async subscribe(
    broker: Broker,
    ...args: Parameters<Broker['subscribe']>
  ): ReturnType<Broker['subscribe']> {
    if (this.refusal) {
      throw this.refusal;
    }
    const [channel] = args;
    this.subscriptions.push(channel);
    const unsubscribe = await broker.subscribe(...args);
    return async () => {
      this.subscriptions.splice(this.subscriptions.indexOf(channel), 1);
      await unsubscribe();
    };
  }
}
