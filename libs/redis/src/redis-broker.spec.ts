import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, it } from '@jest/globals';
import type { Broker, BrokerContext } from '@nestcast/hub';
import { RedisServer } from '@nestcast/test-servers';
import { describeBroker } from '@nestcast/testing';
import { redisBroker } from './redis-broker-factory.js';
import { TcpSwitch } from './spec-support/tcp-switch.js';

let server: RedisServer;
/** Each node of a case has its own. */
const ways = new Map<Broker, TcpSwitch>();

beforeAll(async () => {
  server = await RedisServer.start();
});

afterAll(() => server.stop());

function nodes(context: BrokerContext, count: number): Promise<Broker[]> {
  const prefix = randomUUID();
  return Promise.all(
    Array.from({ length: count }, async () => {
      const way = await TcpSwitch.to(server.port);
      const broker = redisBroker({ url: way.url, prefix })(context);
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
      way.block();
      await meanwhile();
      way.turn(server.port);
    },
    clock: 'real',
    leases: true,
    spendOnce: true,
    runs: 10,
    destroy: () => {
      ways.forEach((way) => way.close());
      ways.clear();
    },
  },
  { describe, it, beforeEach, afterEach },
);
