import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { SseChannel } from '@nestcast/sse';
import type { SseStream } from '@nestcast/testing';
import { Controller } from '@nestjs/common';
import { type TestApp, adapters, startApp } from './support/nest-app.js';
import { type LogDoor, SharedLog } from './support/shared-log.js';
import { until } from './support/until.js';

@Controller()
class StreamController {
  @SseChannel('stream/:user')
  stream() {
    return ['news', 'offers'];
  }
}

const identify = (request: { readonly url: string }): string => request.url.split('/').at(-1) ?? '';

async function open(app: TestApp, user: string): Promise<SseStream> {
  const stream = await app.open(`/stream/${user}`);
  await stream.connectionId();
  return stream;
}

describe.each(adapters)('two nodes over one log, on %s', (adapter) => {
  let log: SharedLog;
  let apps: [TestApp, TestApp];
  const start = (): Promise<TestApp> =>
    startApp(adapter, {
      controllers: [StreamController],
      sse: { broker: log.factory, identify, heartbeat: { intervalMs: 50, visible: true } },
    });
  beforeEach(async () => {
    log = new SharedLog();
    apps = [await start(), await start()];
    await until(() => apps.every(({ channels }) => channels.nodes().length === 2));
  });
  afterEach(async () => {
    await Promise.all(apps.map((app) => app.close()));
    await log.close();
  });

  const door = (index: 0 | 1): LogDoor => log.doors[index] as LogDoor;

  it('carry each event to every client of either, once and in order', async () => {
    const streams = [await open(apps[0], 'ann'), await open(apps[1], 'bob')];
    const expected: string[] = [];
    for (let index = 0; index < 20; index += 1) {
      expected.push(String(index));
      await apps[index % 2 === 0 ? 0 : 1].channels.publish(index % 3 === 0 ? 'news' : 'offers', {
        data: String(index),
      });
    }
    for (const stream of streams) {
      const got: string[] = [];
      while (got.length < 20) {
        got.push((await stream.next()).data);
      }
      expect(got).toEqual(expected);
    }
  });

  it('disconnect a user on both, after what was published before', async () => {
    const [here, there] = [await open(apps[0], 'ann'), await open(apps[1], 'ann')];
    const bob = await open(apps[1], 'bob');
    void apps[0].channels.publish('news', { data: 'you have been removed' });
    expect(await apps[0].channels.disconnect({ userId: 'ann' }, 'revoked')).toBe(2);
    await apps[1].channels.publish('news', { data: 'a secret' });
    for (const stream of [here, there]) {
      expect((await stream.next()).data).toBe('you have been removed');
      expect(await stream.control('sse:goodbye')).toEqual({ reason: 'revoked' });
      expect(await stream.ended).toBe('end');
      expect(stream.received.some(({ data }) => data === 'a secret')).toBe(false);
    }
    expect([(await bob.next()).data, (await bob.next()).data]).toEqual(['you have been removed', 'a secret']);
  });

  it('tell who is there, on both', async () => {
    await open(apps[0], 'ann');
    await open(apps[1], 'ann');
    await open(apps[1], 'bob');
    const present = await apps[0].channels.presence('news');
    expect(new Map(present.map(({ userId, connections }) => [userId, connections]))).toEqual(
      new Map([
        ['ann', 2],
        ['bob', 1],
      ]),
    );
  });

  it('take users out of a channel on both', async () => {
    const [here, there] = [await open(apps[0], 'ann'), await open(apps[1], 'ann')];
    expect(await apps[1].channels.unsubscribe({ userId: 'ann' }, 'news')).toBe(2);
    await apps[0].channels.publish('news', { data: 'not for her' });
    await apps[0].channels.publish('offers', { data: 'for her' });
    expect([(await here.next()).data, (await there.next()).data]).toEqual(['for her', 'for her']);
  });

  it('go on where one was cut off: nothing is lost, and who was disconnected meanwhile is', async () => {
    const [ann, bob] = [await open(apps[1], 'ann'), await open(apps[1], 'bob')];
    await apps[0].channels.publish('news', { data: '1' });
    expect([(await ann.next()).data, (await bob.next()).data]).toEqual(['1', '1']);
    door(1).cut();
    await apps[0].channels.publish('news', { data: '2' });
    const count = await apps[0].channels.disconnect({ userId: 'ann' }, 'revoked');
    expect(count).toBe(0);
    door(1).mend();
    await apps[0].channels.publish('offers', { data: '3' });
    expect([(await bob.next()).data, (await bob.next()).data]).toEqual(['2', '3']);
    expect(await ann.control('sse:goodbye')).toEqual({ reason: 'revoked' });
    expect(bob.received.some(({ type }) => type === 'sse:gap')).toBe(false);
  });

  it('keep streams and heartbeats while the log is away, and refuse new ones', async () => {
    const stream = await open(apps[0], 'ann');
    door(0).cut();
    await apps[1].channels.publish('news', { data: 'missed' });
    door(0).away = true;
    door(0).mend();
    await stream.control('sse:heartbeat');
    expect((await apps[0].open('/stream/bob')).status).toBe(503);
    await expect(apps[0].channels.publish('news', { data: 'lost' })).rejects.toMatchObject({
      code: 'BROKER_UNAVAILABLE',
    });
    await expect(apps[0].channels.disconnect({ userId: 'nobody' })).rejects.toMatchObject({
      code: 'BROKER_UNAVAILABLE',
    });
    door(0).away = false;
    expect((await stream.next()).data).toBe('missed');
    await apps[1].channels.publish('news', { data: 'next' });
    expect((await stream.next()).data).toBe('next');
  });

  it('forget one that stops, at once', async () => {
    const began = performance.now();
    await apps[1].close();
    expect(performance.now() - began).toBeLessThan(1_500);
    await until(() => apps[0].channels.nodes().length === 1);
    expect(performance.now() - began).toBeLessThan(3_000);
  });
});
