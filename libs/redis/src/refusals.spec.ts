import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { eventRecord } from '@nestcast/testing';
import { RedisServer } from '@nestcast/test-servers';
import type { RedisBroker } from './redis-broker.js';
import { BrokerNodes } from './spec-support/broker-nodes.js';

describe('what the Redis user may not do', () => {
  let server: RedisServer;
  let nodes: BrokerNodes;

  beforeEach(async () => {
    server = await RedisServer.start();
    nodes = new BrokerNodes();
    await server.command('ACL', 'SETUSER', 'poor', 'on', '>secret', '+info', '+ping', '+subscribe', '&*');
  });
  afterEach(async () => {
    await nodes.close();
    await server.stop();
  });

  it.each<[string, (broker: RedisBroker) => Promise<unknown>]>([
    ['publish', (broker) => broker.publish('a', eventRecord())],
    ['replay', (broker) => broker.replay(['a'], 'now', 1)],
    ['subscribe', (broker) => broker.subscribe('a', () => undefined)],
    ['spendOnce', (broker) => broker.spendOnce('a', 1_000)],
    ['take', (broker) => broker.leases.take([{ key: 'a', limit: 'perUser', max: 1 }])],
    ['countOpen', (broker) => broker.leases.countOpen('a', 1)],
  ])('makes %s() reject with BROKER_UNAVAILABLE and the words of Redis', async (_, ask) => {
    const broker = nodes.node(server.url.replace('//', '//poor:secret@'));
    await expect(ask(broker)).rejects.toMatchObject({
      code: 'BROKER_UNAVAILABLE',
      message: expect.stringContaining('NOPERM'),
    });
  });
});
