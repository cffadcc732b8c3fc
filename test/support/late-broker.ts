import { type Broker, type BrokerFactory, memoryBroker } from '@nestcast/hub';

/**
 * The memory broker as if over a network: what it answers has been read a few turns of the event loop ago, and events
 * published since are already on their way.
 */
export function lateBroker(): BrokerFactory {
  return (context) => {
    const broker = memoryBroker()(context);
    let answers = 0;
    const late = async <T>(answer: Promise<T>): Promise<T> => {
      const value = await answer;
      answers += 1;
      for (let turns = answers % 4; turns > 0; turns -= 1) {
        // The network's delay.
        await new Promise((resolve) => {
          setTimeout(resolve, 1);
        });
      }
      return value;
    };
    return {
      publish: (channel, event) => broker.publish(channel, event),
      subscribe: (...args) => late(broker.subscribe(...args)),
      replay: (channels, start, limit) => late(broker.replay(channels, start, limit)),
      close: () => broker.close(),
    } satisfies Broker;
  };
}
