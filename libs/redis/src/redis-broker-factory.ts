import type { BrokerFactory } from '@nestcast/hub';
import { ioredisPort } from './connection/ioredis-port.js';
import { RedisBroker } from './redis-broker.js';

export interface RedisBrokerOptions {
  readonly url: string;
  readonly prefix?: string;
  readonly timeoutMs?: number;
  readonly expireMs?: number;
}

/** The broker on Redis: any number of nodes, one log. */
export function redisBroker({
  url,
  prefix = 'nestcast',
  timeoutMs = 2_000,
  expireMs = 21_600_000,
}: RedisBrokerOptions): BrokerFactory {
  return (context) =>
    new RedisBroker(
      {
        connect: ioredisPort({ url, timeoutMs }, context.clock),
        prefix,
        timeoutMs,
        expireMs,
        checkMs: 5_000,
      },
      context,
    );
}
