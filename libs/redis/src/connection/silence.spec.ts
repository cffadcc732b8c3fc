import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { TimerWheel } from '@nestcast/hub';
import { FaultProxy, RedisServer } from '@nestcast/test-servers';
import { PortRecorder } from '../spec-support/port-recorder.js';
import { ioredisPort } from './ioredis-port.js';
import type { RedisPort } from './redis-port.js';

const TIMEOUT_MS = 300;

describe('connections that are dead without a word', () => {
  let server: RedisServer;
  let way: FaultProxy;
  let listener: PortRecorder;
  let port: RedisPort;

  beforeEach(async () => {
    server = await RedisServer.start();
    way = await FaultProxy.start(server.port);
    listener = new PortRecorder();
    port = ioredisPort({
      url: `redis://127.0.0.1:${way.port}`,
      timeoutMs: TIMEOUT_MS,
      tag: 'spec',
      clock: new TimerWheel(),
    })(listener);
    await listener.until('available');
    await listener.until('listening');
    await port.subscribe(['news']);
  });

  afterEach(async () => {
    await port.close();
    await way.close();
    await server.stop();
  });

  it('are replaced: the one that listens although nothing is asked, the other when it has been', async () => {
    way.mute();
    await listener.until('listening', 2);
    await expect(port.call('PING')).rejects.toMatchObject({ code: 'BROKER_UNAVAILABLE' });
    await listener.until('available', 2);
    await port.call('PUBLISH', 'news', 'heard');
    await listener.until('message');
    expect(listener.messages).toEqual(['news heard']);
  });
});

describe('a process that is too busy to read', () => {
  it('does not take Redis for dead', async () => {
    const server = await RedisServer.start();
    const listener = new PortRecorder();
    const clock = new TimerWheel();
    const port = ioredisPort({ url: server.url, timeoutMs: TIMEOUT_MS, tag: 'spec', clock })(listener);
    await listener.until('available');
    await listener.until('listening');
    const asked = port.call('PING');
    // It leaves at the end of this turn.
    await new Promise(setImmediate);
    const end = performance.now() + 5 * TIMEOUT_MS;
    while (performance.now() < end);
    expect(await asked).toBe('PONG');
    expect(listener.told.toSorted()).toEqual(['available', 'listening']);
    await port.close();
    await server.stop();
  });
});

describe('a Redis that is asked too much', () => {
  it('is spared: what goes beyond is refused at once, and nothing piles up', async () => {
    const server = await RedisServer.start();
    const listener = new PortRecorder();
    const clock = new TimerWheel();
    const port = ioredisPort({ url: server.url, timeoutMs: 10_000, tag: 'spec', clock })(listener);
    await listener.until('available');
    server.freeze();
    const calls = Array.from({ length: 20_100 }, () =>
      port.call('PING').catch((error: Error) => error.message),
    );
    const refused = (await Promise.all(calls.slice(20_000))).filter((answer) =>
      String(answer).includes('20000 commands are under way'),
    );
    expect(refused).toHaveLength(100);
    expect(port.state.up).toBe(true);
    server.resume();
    expect(new Set(await Promise.all(calls.slice(0, 20_000)))).toEqual(new Set(['PONG']));
    await port.close();
    await server.stop();
  });
});
