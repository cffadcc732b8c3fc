import { openSse, type SseStream } from '@nestcast/testing';
import { afterEach, describe, expect, it } from '@jest/globals';
import request from 'supertest';

import { setEnvironment } from './support/environment.js';
import { type SampleApp, type SampleUser, signIn, startSample } from './support/sample-app.js';

let sample: SampleApp;
let opened: SseStream[] = [];
let restore = (): void => undefined;

async function start(environment: Record<string, string> = {}): Promise<void> {
  restore = setEnvironment(environment);
  sample = await startSample();
}

afterEach(async () => {
  await Promise.all(opened.map((stream) => stream.abort()));
  opened = [];
  await sample.close();
  restore();
});

async function open(user: SampleUser, headers: Record<string, string> = {}, query = ''): Promise<SseStream> {
  const stream = await openSse(`${sample.url}/notifications/stream${query}`, {
    headers: { cookie: user.cookie, ...headers },
  });
  opened.push(stream);
  return stream;
}

const from = (address: string): Record<string, string> => ({ 'x-forwarded-for': address });
const draft = (userId: string, title: string): object => ({ userId, title, level: 'info' });

/** The series that Prometheus would read, with their values, without the label that says who measures. */
async function scrape(): Promise<Map<string, number>> {
  const { text } = await request(sample.url).get('/metrics').expect(200);
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map((line) => {
      const [name = '', value] = line.replace(/,?otel_scope_name="[^"]*"/, '').split(/ (?=\S+$)/);
      return [name.replace('{}', '').replace('{,', '{'), Number(value)] as const;
    }),
  );
}

/** Opens as many as one address may. */
async function fill(address: string): Promise<void> {
  for (let count = 0; count < 100; count += 3) {
    const user = await signIn(sample.url, `user-${count}`);
    const streams = await Promise.all(
      [count, count + 1, count + 2].filter((index) => index < 100).map(() => open(user, from(address))),
    );
    expect(streams.map(({ status }) => status)).toEqual(streams.map(() => 200));
  }
}

describe('metrics', () => {
  it('are there for Prometheus, and new after a restart', async () => {
    for (const restart of [false, true]) {
      if (restart) {
        await sample.close();
      }
      await start();
      const ada = await signIn(sample.url, 'ada');
      const stream = await open(ada);
      await stream.connectionId();
      await ada.send(draft('*', 'one'));
      await stream.next();
      await ada.send(draft('grace', 'two'));
      await ada.send(draft('grace', 'three'));
      const { text } = await request(sample.url)
        .get('/metrics')
        .expect(200)
        .expect('Content-Type', /^text\/plain/);
      expect(text).toMatch(/^# TYPE notifications_sent_total counter$/m);
      expect(text).toMatch(/^notifications_sent_total\{audience="everybody",level="info"[^}]*\} 1$/m);
      expect(text).toMatch(/^notifications_sent_total\{audience="person",level="info"[^}]*\} 2$/m);
      expect(text).toMatch(/^sse_opens_total\{[^}]*\} 1$/m);
      // No user's name, and nothing else that grows with them.
      expect(text).not.toMatch(/\b(ada|grace)\b/);
    }
  });

  it('tell streams, events, refusals and the broker', async () => {
    await start();
    const ada = await signIn(sample.url, 'ada');
    const streams = [await open(ada), await open(ada), await open(ada)];
    expect((await open(ada)).status).toBe(429);
    await ada.send(draft('ada', 'one'));
    await Promise.all(streams.map((stream) => stream.next()));
    const series = await scrape();
    const labels = 'sse_channel_pattern="user/*",user_agent_class="other"';
    expect(Object.fromEntries(series)).toMatchObject({
      [`sse_connections{${labels}}`]: 3,
      [`sse_opens_total{${labels}}`]: 3,
      'sse_closes_total{sse_close_reason="client"}': 0,
      'sse_refusals_total{sse_refusal_cause="perUser"}': 1,
      'sse_refusals_total{sse_refusal_cause="total"}': 0,
      'sse_gaps_total{sse_gap_reason="trimmed"}': 0,
      sse_events_published_total: 1,
      sse_events_delivered_total: 3,
      sse_connections_lagging: 0,
      sse_log_events: 1,
      sse_broker_up: 1,
      'sse_publish_duration_count{sse_channel_pattern="user/*"}': 1,
      'sse_publish_duration_bucket{sse_channel_pattern="user/*",le="5"}': 1,
      [`sse_open_duration_count{${labels}}`]: 3,
      [`sse_open_duration_bucket{${labels},le="10"}`]: 3,
    });
    expect(series.get('sse_bytes_total')).toBeGreaterThan(300);
  });
});

describe('health', () => {
  it('knows whether an event comes through, over a stream that is nobody’s', async () => {
    await start();
    for (let check = 0; check < 2; check += 1) {
      const { body } = await request(sample.url).get('/health/canary').expect(200);
      expect(body.info).toEqual({ canary: { status: 'up', roundTripMs: expect.any(Number) } });
    }
    const stream = await open(await signIn(sample.url, 'ada'), {}, '?figures=node');
    expect(JSON.parse((await stream.next()).data)).toMatchObject({ connections: 2, users: 1 });
  });
});

describe('limits', () => {
  it('count the addresses that a trusted proxy tells', async () => {
    await start({ TRUST_PROXY: 'loopback' });
    await fill('203.0.113.1');
    const grace = await signIn(sample.url, 'grace');
    const refused = await open(grace, from('203.0.113.1'));
    expect([refused.status, JSON.parse(await refused.body())]).toMatchObject([429, { limit: 'perIp' }]);
    expect((await open(grace, from('203.0.113.2'))).status).toBe(200);
  });

  it('believe no address that a client tells by itself', async () => {
    await start();
    await fill('203.0.113.1');
    const refused = await open(await signIn(sample.url, 'grace'), from('203.0.113.2'));
    expect([refused.status, JSON.parse(await refused.body())]).toMatchObject([429, { limit: 'perIp' }]);
  });

  it('let nobody open streams without end', async () => {
    await start();
    const ada = await signIn(sample.url, 'ada');
    for (let count = 0; count < 60; count += 1) {
      const stream = await open(ada);
      expect(stream.status).toBe(200);
      await stream.abort();
      opened = [];
    }
    const refused = await open(ada);
    expect([refused.status, JSON.parse(await refused.body())]).toMatchObject([
      429,
      { limit: 'opensPerMinute' },
    ]);
  });
});

describe('the figures of the node', () => {
  it('come on the same stream, every second, to those who ask for them', async () => {
    await start();
    const [ada, grace] = [await signIn(sample.url, 'ada'), await signIn(sample.url, 'grace')];
    const [asks, asksNot] = [await open(ada, {}, '?figures=node'), await open(grace)];
    const others = await Promise.all([open(grace), open(grace)]);
    expect((await open(grace)).status).toBe(429);
    const seen = [await asks.next(), await asks.next(), await asks.next()];
    expect(seen.map(({ type }) => type)).toEqual(seen.map(() => 'node.figures'));
    const figures = seen.map(({ data }) => JSON.parse(data) as Record<string, number>);
    expect(figures[1]).toEqual({
      connections: 4,
      users: 2,
      channels: 4,
      lagging: 0,
      refusals: 1,
      eventsPerSecond: expect.any(Number),
      bytesPerSecond: expect.any(Number),
      memoryBytes: expect.any(Number),
      eventLoopDelayMs: expect.any(Number),
      underPressure: false,
    });
    const { eventsPerSecond = 0, bytesPerSecond = 0, memoryBytes } = figures[2] ?? {};
    // The figures themselves: one event a second, to one connection.
    expect(eventsPerSecond).toBeGreaterThan(0.3);
    expect(eventsPerSecond).toBeLessThan(2);
    expect(bytesPerSecond).toBeGreaterThan(100);
    expect(memoryBytes).toBeGreaterThan(10_000_000);
    // What they are not in is the log: a cursor never points at one.
    expect(seen[1]?.id).toBe(seen[0]?.id);
    await ada.send(draft('grace', 'the first that grace sees'));
    expect((await asksNot.next()).type).toBe('notification.created');

    // A user is there as long as the last of her streams.
    const usersOf = async (connections: number): Promise<unknown> => {
      for (;;) {
        const { type, data } = await asks.next();
        const now = JSON.parse(data) as Record<string, number>;
        if (type === 'node.figures' && now['connections'] === connections) {
          return now['users'];
        }
      }
    };
    await asksNot.abort();
    expect(await usersOf(3)).toBe(2);
    await Promise.all(others.map((stream) => stream.abort()));
    expect(await usersOf(1)).toBe(1);
  });

  it('are asked for by name', async () => {
    await start();
    const refused = await open(await signIn(sample.url, 'ada'), {}, '?figures=all');
    expect(refused.status).toBe(400);
  });
});
