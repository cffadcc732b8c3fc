import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, it } from '@jest/globals';
import { RedisServer } from '@nestcast/test-servers';
import { describeBroker } from '@nestcast/testing';
import { redisBroker } from './redis-broker-factory.js';

let server: RedisServer;

beforeAll(async () => {
  server = await RedisServer.start();
});

afterAll(() => server.stop());

describeBroker(
  'Redis',
  {
    create: (context) => redisBroker({ url: server.url, prefix: randomUUID() })(context),
    nodes: async (context, count) => {
      const factory = redisBroker({ url: server.url, prefix: randomUUID() });
      return Array.from({ length: count }, () => factory(context));
    },
    clock: 'real',
    leases: true,
    spendOnce: true,
    runs: 10,
  },
  { describe, it, beforeEach, afterEach },
);
