import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, it } from '@jest/globals';
import type { Broker, BrokerContext } from '@nestcast/hub';
import { FaultProxy, RedisServer } from '@nestcast/test-servers';
import { describeBroker } from '@nestcast/testing';
import { redisBroker } from './redis-broker-factory.js';

let server: RedisServer;
/** Each node of a case has its own. */
const ways = new Map<Broker, FaultProxy>();

beforeAll(async () => {
  server = await RedisServer.start();
});

afterAll(() => server.stop());

function nodes(context: BrokerContext, count: number): Promise<Broker[]> {
  const prefix = randomUUID();
  return Promise.all(
    Array.from({ length: count }, async () => {
      const way = await FaultProxy.start(server.port);
      const broker = redisBroker({ url: `redis://127.0.0.1:${way.port}`, prefix })(context);
      ways.set(broker, way);
      return broker;
    }),
  );
}

describeBroker(
  'Redis',
  {
    create: (context) => redisBroker({ url: server.url, prefix: randomUUID() })(context),
    nodes,
    cutOff: async (broker, meanwhile) => {
      const way = ways.get(broker);
      assert.ok(way);
      way.refuse();
      await meanwhile();
      way.switchTo(server.port);
    },
    clock: 'real',
    leases: true,
    spendOnce: true,
    runs: 10,
    destroy: async () => {
      await Promise.all([...ways.values()].map((way) => way.close()));
      ways.clear();
    },
  },
  { describe, it, beforeEach, afterEach },
);
