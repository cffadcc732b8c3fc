import { once } from 'node:events';
import { TimerWheel } from '@nestcast/hub';
import { redisBroker } from '@nestcast/redis';
import { Redis } from 'ioredis';

import { benchEvent } from './bench-event.js';
import type { StartPeer } from './peer.js';

/**
 * What Redis and its client can do with nothing around them: the very call that the broker makes for an event, overheard once and
 * sent again and again in pipelines. It serves no streams.
 */
export const startRedisBare: StartPeer = async ({ redisUrl = '' }) => {
  const call = await overhear(redisUrl);
  const client = new Redis(redisUrl);
  return {
    port: 0,
    publish: () => undefined,
    publishMany: async (events) => {
      const pipeline = client.pipeline();
      for (const _ of events) {
        pipeline.call('evalsha', ...call);
      }
      for (const [error] of (await pipeline.exec()) ?? []) {
        if (error) {
          throw error;
        }
      }
    },
    connections: () => 0,
    close: async () => void (await client.quit()),
  };
};

/** @returns the arguments of the EVALSHA by which the broker publishes an event of the bench */
async function overhear(url: string): Promise<string[]> {
  const ear = await new Redis(url).monitor();
  const broker = redisBroker({ url, prefix: 'bare' })({
    history: { maxEvents: 1_000, maxAgeMs: 600_000 },
    clock: new TimerWheel(),
    onError: (error) => {
      throw error;
    },
  });
  const { type, data } = benchEvent(1, 'small');
  const publish = (): Promise<unknown> =>
    broker.publish('unheard', {
      type,
      data: JSON.stringify(data),
      json: true,
      key: undefined,
      ephemeral: false,
      retryMs: undefined,
      final: false,
      trace: undefined,
    });
  // The first makes the script known.
  await publish();
  const heard = overheard(ear);
  await publish();
  const call = await heard;
  await broker.close();
  ear.disconnect();
  return call;
}

async function overheard(ear: Redis): Promise<string[]> {
  for (;;) {
    const [, [command = '', ...args]] = (await once(ear, 'monitor')) as [string, string[]];
    if (command.toLowerCase() === 'evalsha' && args.some((argument) => argument.includes('unheard'))) {
      return args;
    }
  }
}
