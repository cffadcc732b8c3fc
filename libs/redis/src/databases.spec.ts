import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type Broker, TimerWheel } from '@nestcast/hub';
import { RedisServer } from '@nestcast/test-servers';
import { eventRecord } from '@nestcast/testing';
import { redisBroker } from './redis-broker-factory.js';
import { FeedRecorder } from './spec-support/feed-recorder.js';

describe('two databases of one Redis, with one prefix', () => {
  let server: RedisServer;
  let brokers: Broker[];

  beforeEach(async () => {
    server = await RedisServer.start();
    const prefix = randomUUID();
    const [clock, history] = [new TimerWheel(), { maxEvents: 10, maxAgeMs: 60_000 }];
    const options = [
      { url: server.url },
      { url: `${server.url}/1` },
      { url: server.url, ioredis: { db: 2 } },
    ];
    brokers = options.map((option) =>
      redisBroker({ ...option, prefix })({
        clock,
        history,
        onError: (error) => {
          throw error;
        },
      }),
    );
  });
  afterEach(async () => {
    await Promise.all(brokers.map((broker) => broker.close()));
    await server.stop();
  });

  it('are two logs, and their nodes hear nothing of each other', async () => {
    const recorders = await Promise.all(brokers.map((broker) => FeedRecorder.of(broker, 'a')));
    const ids = await Promise.all(
      brokers.map((broker, index) => broker.publish('a', eventRecord({ data: String(index) }))),
    );
    await Promise.all(brokers.map((broker) => broker.publish('a', eventRecord({ data: 'end' }))));
    await Promise.all(recorders.map((recorder) => recorder.until('end')));
    expect(recorders.map(({ heard }) => heard)).toEqual([
      ['0', 'end'],
      ['1', 'end'],
      ['2', 'end'],
    ]);
    expect(recorders.map((recorder) => recorder.ids[0])).toEqual(ids);
  });
});
