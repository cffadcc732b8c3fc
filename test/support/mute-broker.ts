import { type Broker, type BrokerFactory, memoryBroker } from '@nestcast/hub';

/** The memory broker, until it is muted: from then on it takes everything and answers nothing, as a network that is gone. */
export class MuteBroker {
  muted = false;

  readonly factory: BrokerFactory = (context) => {
    const broker = memoryBroker()(context);
    const never = new Promise<never>(() => undefined);
    const answer = <T>(ask: () => Promise<T>): Promise<T> => (this.muted ? never : ask());
    return {
      publish: (channel, event) => answer(() => broker.publish(channel, event)),
      subscribe: (...args) => answer(() => broker.subscribe(...args)),
      replay: (channels, start, limit) => answer(() => broker.replay(channels, start, limit)),
      close: async () => {
        await broker.close();
        await answer(async () => undefined);
      },
    } satisfies Broker;
  };
}
