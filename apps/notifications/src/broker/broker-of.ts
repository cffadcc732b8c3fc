import { redisBroker } from '@nestcast/redis';
import { type BrokerFactory, clusterBroker, memoryBroker } from '@nestcast/sse';

import type { BrokerConfiguration } from '../config/broker.js';

/** The engine that the configuration names. */
export function brokerOf(configuration: BrokerConfiguration): BrokerFactory {
  switch (configuration.kind) {
    case 'memory':
      return memoryBroker();
    case 'cluster':
      return clusterBroker();
    case 'redis':
      return redisBroker({ url: configuration.url });
  }
}
