import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type Broker, type BrokerFactory, memoryBroker } from '@nestcast/hub';
import { SseChannel, type SseEvent, type SseModuleOptions } from '@nestcast/sse';
import { ManualClock } from '@nestcast/testing';
import { type CanActivate, Controller, Injectable, Param, Query, UseGuards } from '@nestjs/common';
import { Subject } from 'rxjs';
import { nextClose } from './support/lifecycle.js';
import { TestMetrics } from './support/metrics.js';
import { type TestApp, adapters, startApp } from './support/nest-app.js';

const CHROME =
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36';
let source = new Subject<SseEvent>();

@Injectable()
class SlowGuard implements CanActivate {
  async canActivate(): Promise<boolean> {
    await delay(60);
    return true;
  }
}

@Controller()
class StreamController {
  @SseChannel('channels/:name')
  channel(@Param('name') name: string) {
    return [name, 'announcements'];
  }

  @SseChannel('several')
  several(@Query('names') names: string) {
    return names.split(',');
  }

  @SseChannel('private')
  private() {
    return source;
  }

  @SseChannel('guarded')
  @UseGuards(SlowGuard)
  guarded() {
    return 'announcements';
  }
}

const isDown = async (): Promise<never> => {
  throw new Error('down');
};

describe.each(adapters)('metrics on %s', (adapter) => {
  let metrics: TestMetrics;
  let app: TestApp;
  beforeEach(() => {
    source = new Subject();
    metrics = new TestMetrics();
  });
  afterEach(async () => {
    await app.close();
    await metrics.end();
  });

  /** What the histogram of openings has, whatever their attributes. */
  async function openings(): Promise<unknown> {
    const points = await metrics.histogram('sse.open.duration');
    return points.map(({ value: { count, sum } }) => ({ count, sum }));
  }

  async function start(sse: SseModuleOptions = {}, clock?: ManualClock): Promise<void> {
    const telemetry = { channelPatterns: ['user/*', 'announcements'] };
    app = await startApp(adapter, { controllers: [StreamController], sse: { telemetry, ...sse }, clock });
  }

  it('tell connections by the pattern of their first channel and the class of their user agent', async () => {
    await start({ channels: { 'prices/*': {} } });
    const browser = { headers: { 'user-agent': CHROME } };
    const streams = [
      await app.open('/channels/user%2F1', browser),
      await app.open('/channels/user%2F2', browser),
      await app.open('/channels/user%2F2', { headers: { 'user-agent': 'curl/8.5.0' } }),
      await app.open('/channels/prices%2Fgold', browser),
      await app.open('/channels/anything'),
      await app.open('/private', browser),
    ];
    await Promise.all(streams.map((stream) => stream.connectionId()));
    const expected = [
      [2, { 'sse.channel.pattern': 'user/*', 'user_agent.class': 'chrome' }],
      [1, { 'sse.channel.pattern': 'user/*', 'user_agent.class': 'curl' }],
      [1, { 'sse.channel.pattern': 'prices/*', 'user_agent.class': 'chrome' }],
      [1, { 'sse.channel.pattern': 'other', 'user_agent.class': 'other' }],
      [1, { 'sse.channel.pattern': 'private', 'user_agent.class': 'chrome' }],
    ];
    expect(await metrics.values('sse.connections')).toEqual(expected);
    const closed = nextClose(app);
    await streams[2]?.abort();
    await closed;
    expect(await metrics.values('sse.opens')).toEqual(expected);
    const curl = { 'sse.channel.pattern': 'user/*', 'user_agent.class': 'curl' };
    expect(await metrics.value('sse.connections', curl)).toBe(0);
    expect(await metrics.value('sse.closes', { 'sse.close.reason': 'client' })).toBe(1);
    expect(await metrics.value('sse.closes', { 'sse.close.reason': 'error' })).toBe(0);
  });

  it('tell events, bytes, gaps, refusals, the log and the broker', async () => {
    await start({ history: { maxEvents: 2 } });
    const stream = await app.open('/channels/user%2F1');
    await stream.connectionId();
    const ids = [];
    for (let index = 0; index < 4; index += 1) {
      ids.push(await app.channels.publish('user/1', { data: index }));
    }
    await stream.take(4);
    const late = await app.open('/channels/user%2F1', { lastEventId: ids[0] });
    await late.control('sse:gap');
    const { delivered, bytes } = app.channels.stats();
    expect(delivered).toBe(6);
    expect(await metrics.value('sse.events.published')).toBe(4);
    expect(await metrics.value('sse.events.delivered')).toBe(6);
    expect(await metrics.value('sse.bytes')).toBe(bytes);
    expect(await metrics.value('sse.connections.lagging')).toBe(0);
    expect(await metrics.value('sse.gaps', { 'sse.gap.reason': 'trimmed' })).toBe(1);
    expect(await metrics.value('sse.refusals', { 'sse.refusal.cause': 'perUser' })).toBe(0);
    expect(await metrics.value('sse.log.events')).toBe(2);
    expect(await metrics.value('sse.broker.up')).toBe(1);
  });

  it('tell that a broker is down, and don’t wait for one that hangs', async () => {
    let broker: Broker | undefined;
    await start({ broker: (context) => (broker = memoryBroker()(context)) });
    Object.assign(broker ?? {}, { health: () => Promise.reject(new Error('down')) });
    expect(await metrics.value('sse.broker.up')).toBe(0);
    const never = new Promise<never>(() => undefined);
    Object.assign(broker ?? {}, { health: () => never, stats: () => never });
    const series = await metrics.read();
    expect(series.get('sse.broker.up')).toMatchObject([{ value: 0 }]);
    expect(series.get('sse.connections.lagging')).toMatchObject([{ value: 0 }]);
  });

  it('tell that a broker is down also where it can’t tell what its log has', async () => {
    let broker: Broker | undefined;
    await start({ broker: (context) => (broker = memoryBroker()(context)) });
    Object.assign(broker ?? {}, { health: isDown, stats: isDown });
    const { series, errors } = await metrics.readWithErrors();
    expect(series.get('sse.broker.up')).toMatchObject([{ value: 0 }]);
    expect(series.get('sse.log.events') ?? []).toEqual([]);
    expect(errors.map(String)).toEqual(['AggregateError: Error: down']);
  });

  it('have a histogram of the time to publish, one record a batch and channel', async () => {
    await start();
    const streams = await Promise.all(
      ['user%2F1', 'user%2F2', 'user%2F3'].map((name) => app.open(`/channels/${name}`)),
    );
    await Promise.all(streams.map((stream) => stream.connectionId()));
    expect(await metrics.histogram('sse.publish.duration')).toEqual([]);
    await Promise.all([1, 2, 3].map((data) => app.channels.publish('announcements', { data })));
    await Promise.all(streams.map((stream) => stream.take(3)));
    await app.channels.publish('user/1', { data: 4 });
    await streams[0]?.next();
    const points = await metrics.histogram('sse.publish.duration');
    expect(points.map(({ attributes, value }) => [attributes, value.count])).toEqual([
      [{ 'sse.channel.pattern': 'announcements' }, 1],
      [{ 'sse.channel.pattern': 'user/*' }, 1],
    ]);
    for (const { value } of points) {
      expect(value.sum).toBeGreaterThan(0);
      expect(value.sum).toBeLessThan(1);
      expect(value.buckets.boundaries[0]).toBe(0.0005);
    }
  });

  it('have a histogram of the time to open, guards and all, and not of the stream’s', async () => {
    const clock = new ManualClock();
    await start({ maxConnectionAge: { ms: 60_000, jitter: 0 } }, clock);
    const stream = await app.open('/channels/user%2F1');
    await stream.connectionId();
    const opened = await openings();
    expect(opened).toEqual([{ count: 1, sum: 0 }]);
    const closed = nextClose(app);
    clock.advance(60_000);
    expect(await closed).toBe('max-age');
    expect(await stream.ended).toBe('end');
    expect(await openings()).toEqual(opened);
  });

  it('begin to count an opening when its request arrives', async () => {
    await start();
    const stream = await app.open('/guarded');
    await stream.connectionId();
    const [point] = await metrics.histogram('sse.open.duration');
    expect(point?.value.count).toBe(1);
    expect(point?.value.sum).toBeGreaterThan(0.059);
    expect(point?.value.sum).toBeLessThan(2);
    expect(point?.attributes).toEqual({
      'sse.channel.pattern': 'announcements',
      'user_agent.class': 'other',
    });
  });

  it('are those of all applications of a process, added up', async () => {
    await start();
    const [first, brokers] = [app, [] as Broker[]];
    const broker: BrokerFactory = (context) => {
      brokers.push(memoryBroker()(context));
      return brokers[0] as Broker;
    };
    await start({ broker });
    const opened = [first, first, app].map((one) => one.open('/channels/user%2F1'));
    await Promise.all((await Promise.all(opened)).map((stream) => stream.connectionId()));
    const seen = { 'sse.channel.pattern': 'user/*', 'user_agent.class': 'other' };
    // What is collected doesn't depend on how often it has been.
    for (const collection of [1, 2, 3]) {
      expect([collection, await metrics.value('sse.opens', seen)]).toEqual([collection, 3]);
    }
    expect(await metrics.value('sse.connections', seen)).toBe(3);
    expect(await metrics.value('sse.broker.up')).toBe(1);
    Object.assign(brokers[0] ?? {}, { health: isDown });
    expect(await metrics.value('sse.broker.up')).toBe(0);
    await first.close();
    expect(await metrics.value('sse.connections', seen)).toBe(1);
  });

  it('are none of an application’s that has closed', async () => {
    await start();
    await app.close();
    expect([...(await metrics.read()).values()].flat()).toEqual([]);
  });
});

describe('metrics under hostile clients', () => {
  let metrics: TestMetrics;
  let app: TestApp;
  afterEach(async () => {
    await app.close();
    await metrics.end();
  });

  it('have as many series as the application says, whatever 10,000 names and user agents there are', async () => {
    metrics = new TestMetrics();
    app = await startApp('express', {
      controllers: [StreamController],
      sse: { telemetry: { channelPatterns: ['user/*'] }, closeRecords: false },
    });
    const tools = ['curl/1.', 'node/', 'Googlebot/', `${CHROME} Edg/`, CHROME, 'Mozilla/5.0 X Firefox/'];
    const hostile = async (index: number): Promise<void> => {
      const headers = { 'user-agent': `${tools[index % tools.length]}${Math.random()}` };
      const names = Array.from(
        { length: 10 },
        (_, own) => `${index % 4 < 2 ? 'user/' : ''}${own} ${Math.random()}`,
      );
      const stream = await app.open(`/several?names=${encodeURIComponent(names.join())}`, { headers });
      await Promise.all(names.map((name) => app.channels.publish(name, { data: index })));
      await stream.take(names.length);
      await stream.abort();
    };
    for (let begun = 0; begun < 1_000; begun += 50) {
      await Promise.all(Array.from({ length: 50 }, (_, index) => hostile(begun + index)));
    }
    const series = await metrics.read();
    expect(app.channels.stats()).toMatchObject({ opens: 1_000, delivered: 10_000 });
    expect(series.get('sse.opens')).toHaveLength(2 * tools.length);
    expect(series.get('sse.publish.duration')).toHaveLength(2);
    const all = [...series.values()].reduce((sum, points) => sum + points.length, 0);
    expect(all).toBeLessThan(100);
  }, 60_000);
});
