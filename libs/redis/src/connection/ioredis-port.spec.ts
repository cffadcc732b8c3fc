import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { TimerWheel } from '@nestcast/hub';
import { RedisServer } from '@nestcast/test-servers';
import { PortRecorder } from '../spec-support/port-recorder.js';
import { ioredisPort } from './ioredis-port.js';
import type { RedisPort } from './redis-port.js';

const TIMEOUT_MS = 300;

describe('a port to a Redis', () => {
  let server: RedisServer;
  let listener: PortRecorder;
  let port: RedisPort;

  beforeEach(async () => {
    server = await RedisServer.start();
    listener = new PortRecorder();
    port = ioredisPort({ url: server.url, timeoutMs: TIMEOUT_MS, tag: 'spec', clock: new TimerWheel() })(
      listener,
    );
    await listener.until('available');
    await listener.until('listening');
  });

  afterEach(async () => {
    await port.close();
    await server.stop();
  });

  it('makes two connections, whatever is called and subscribed to', async () => {
    const channels = Array.from({ length: 1_200 }, (_, n) => `news/${n}`);
    await port.subscribe(channels);
    await Promise.all(channels.map((channel) => port.call('PUBLISH', channel, 'hello')));
    expect(await server.clients()).toBe(2);
    expect(await server.command('PUBSUB', 'NUMPAT')).toBe(':0');
    await port.unsubscribe(channels);
    expect(await server.command('PUBSUB', 'CHANNELS')).toBe('*0');
  });

  it('gives messages in their order', async () => {
    await port.subscribe(['a', 'b']);
    await Promise.all(
      ['a', 'b', 'a'].map((channel, index) => port.call('PUBLISH', channel, `zwölf ${index}`)),
    );
    await listener.until('message', 3);
    expect(listener.messages).toEqual(['a zwölf 0', 'b zwölf 1', 'a zwölf 2']);
  });

  it('tells what Redis has refused', async () => {
    await expect(port.call('EVALSHA', 'f'.repeat(40), 0)).rejects.toMatchObject({
      name: 'RedisReplyError',
      code: 'NOSCRIPT',
    });
  });

  it('sends the commands of one turn in one write', async () => {
    const before = await server.info('total_reads_processed');
    await Promise.all(Array.from({ length: 200 }, (_, n) => port.call('SET', `key${n}`, n)));
    // One for this question as well.
    expect((await server.info('total_reads_processed')) - before).toBeLessThan(5);
  });

  it('refuses at once while Redis is frozen, and goes on over the same connections when it is back', async () => {
    await port.subscribe(['news']);
    server.freeze();
    const late = port.call('INCR', 'count');
    await expect(late).rejects.toMatchObject({ code: 'BROKER_UNAVAILABLE' });
    expect(port.state).toEqual({ up: false, detail: `no answer within ${TIMEOUT_MS} ms` });
    const started = performance.now();
    await expect(port.call('INCR', 'count')).rejects.toMatchObject({ code: 'BROKER_UNAVAILABLE' });
    expect(performance.now() - started).toBeLessThan(20);
    server.resume();
    await listener.until('available', 2);
    // What was sent has been carried out, once; what was refused at once hasn't.
    expect(await port.call('GET', 'count')).toBe('1');
    expect(await server.info('total_connections_received')).toBeLessThan(6);
  });

  it('comes back after a crash, and subscribes anew', async () => {
    await port.subscribe(Array.from({ length: 1_100 }, (_, n) => `news/${n}`));
    await server.kill();
    await listener.until('unavailable');
    await expect(port.call('PING')).rejects.toMatchObject({ code: 'BROKER_UNAVAILABLE' });
    await expect(port.subscribe(['other'])).rejects.toMatchObject({ code: 'BROKER_UNAVAILABLE' });
    await server.restart();
    await listener.until('available', 2);
    await listener.until('listening', 2);
    await port.call('PUBLISH', 'news/1099', 'again');
    await listener.until('message');
    expect(listener.messages).toEqual(['news/1099 again']);
    expect(await port.call('PUBLISH', 'other', 'nobody wants it')).toBe(0);
  });

  it('rejects what is under way when it is closed, and everything after', async () => {
    server.freeze();
    const closed = { code: 'BROKER_CLOSED' };
    const underWay = [port.call('PING'), port.subscribe(['news'])].map((call) =>
      expect(call).rejects.toMatchObject(closed),
    );
    await port.close();
    await Promise.all(underWay);
    await expect(port.call('PING')).rejects.toMatchObject(closed);
    await expect(port.subscribe(['news'])).rejects.toMatchObject(closed);
    server.resume();
  });
});
