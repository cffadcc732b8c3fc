import type { BrokerFactory } from '@nestcast/hub';
import { assertConnectionOptions } from './connection/connection-options.js';
import { databaseOf } from './connection/database.js';
import { ioredisPort } from './connection/ioredis-port.js';
import { RedisBroker } from './redis-broker.js';
import { type RedisBrokerOptions, brokerValues } from './redis-options.js';

/** Time between two looks for events that were lost without a word. */
const CHECK_MS = 5_000;

/**
 * The broker on Redis: any number of nodes, one log, limits counted over all of them. Each node makes two connections.
 *
 * @throws SseError `INVALID_OPTION` that names what is wrong
 */
export function redisBroker(options: RedisBrokerOptions): BrokerFactory {
  const values = brokerValues(options);
  const { url, cluster, sentinel, client, ioredis } = options;
  const where = { url, cluster, sentinel, client, ioredis };
  assertConnectionOptions(where);
  const database = databaseOf(where);
  return (context) => {
    const { prefix, timeoutMs } = values;
    const connect = ioredisPort({ ...where, timeoutMs, tag: prefix, clock: context.clock });
    return new RedisBroker({ ...values, connect, database, checkMs: CHECK_MS }, context);
  };
}
