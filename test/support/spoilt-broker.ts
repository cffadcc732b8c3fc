import { type Broker, type BrokerFactory, memoryBroker } from '@nestcast/hub';

/** The memory broker, with answers of a broken one as long as a test wants them. */
export class SpoiltBroker {
  publishing: (() => Promise<never>) | undefined;
  subscribing: (() => Promise<never>) | undefined;
  /** Whether events reach those who have subscribed. */
  carries = true;

  readonly factory: BrokerFactory = (context) => {
    const broker = memoryBroker()(context);
    return {
      publish: (channel, event) => this.publishing?.() ?? broker.publish(channel, event),
      subscribe: (channel, sink, onInterruption) =>
        this.subscribing?.() ??
        broker.subscribe(channel, (event) => void (this.carries && sink(event)), onInterruption),
      replay: (channels, start, limit) => broker.replay(channels, start, limit),
      close: () => broker.close(),
    } satisfies Broker;
  };

  heal(): void {
    this.publishing = undefined;
    this.subscribing = undefined;
    this.carries = true;
  }
}
