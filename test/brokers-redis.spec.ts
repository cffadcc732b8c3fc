import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, it } from '@jest/globals';
import type { Broker, BrokerContext } from '@nestcast/hub';
import { redisBroker } from '@nestcast/redis';
import { RedisServer } from '@nestcast/test-servers';
import { describeBroker } from '@nestcast/testing';

let server: RedisServer;
beforeAll(async () => {
  server = await RedisServer.start();
});
afterAll(() => server.stop());

function nodes(context: BrokerContext, count: number): Broker[] {
  const prefix = randomUUID();
  return Array.from({ length: count }, () => redisBroker({ url: server.url, prefix })(context));
}

/** Every engine keeps the one contract. */
describeBroker(
  'redis',
  {
    create: (context) => nodes(context, 1)[0] as Broker,
    nodes: async (context, count) => nodes(context, count),
    clock: 'real',
  },
  { describe, it, beforeEach, afterEach },
);
