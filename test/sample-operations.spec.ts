import { openSse, type SseStream } from '@nestcast/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import request from 'supertest';

import { setEnvironment } from './support/environment.js';
import { type SampleApp, START_MS, startSample } from './support/sample-app.js';
import { SampleUser } from './support/sample-user.js';

let sample: SampleApp;
let opened: SseStream[] = [];

afterEach(async () => {
  await Promise.all(opened.map((stream) => stream.abort()));
  opened = [];
});

async function open({ cookie }: SampleUser, headers: Record<string, string> = {}): Promise<SseStream> {
  const stream = await openSse(`${sample.url}/notifications/stream`, { headers: { cookie, ...headers } });
  opened.push(stream);
  return stream;
}

/** The series that Prometheus would read, with their values, without the label that says who measures. */
async function scrape(): Promise<Map<string, number>> {
  const { text } = await request(sample.url)
    .get('/metrics')
    .expect(200)
    .expect('Content-Type', /^text\/plain/);
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map((line) => {
      const [name = '', value] = line.replace(/,?otel_scope_name="[^"]*"/, '').split(/ (?=\S+$)/);
      return [name.replace('{}', '').replace('{,', '{'), Number(value)] as const;
    }),
  );
}

describe('metrics for Prometheus', () => {
  beforeAll(async () => {
    sample = await startSample();
  }, START_MS);
  afterAll(() => sample.close());

  it('tell notifications, streams, events, refusals and the broker, and nobody’s name', async () => {
    const grace = await SampleUser.signIn(sample.url, 'grace');
    const streams = [await open(grace), await open(grace), await open(grace)];
    expect((await open(grace)).status).toBe(429);
    await grace.tell('grace', 'one');
    await Promise.all(streams.map((stream) => stream.next()));
    await grace.tell('*', 'two');
    await Promise.all(streams.map((stream) => stream.next()));
    const labels = 'sse_channel_pattern="user/*",user_agent_class="other"';
    const series = await scrape();
    expect(Object.fromEntries(series)).toMatchObject({
      'notifications_sent_total{audience="everybody",level="info"}': 1,
      'notifications_sent_total{audience="person",level="info"}': 1,
      [`sse_connections{${labels}}`]: 3,
      [`sse_opens_total{${labels}}`]: 3,
      'sse_closes_total{sse_close_reason="client"}': 0,
      'sse_refusals_total{sse_refusal_cause="perUser"}': 1,
      'sse_refusals_total{sse_refusal_cause="total"}': 0,
      'sse_gaps_total{sse_gap_reason="trimmed"}': 0,
      sse_events_published_total: 2,
      sse_events_delivered_total: 6,
      sse_connections_lagging: 0,
      sse_log_events: 2,
      sse_broker_up: 1,
      'sse_publish_duration_count{sse_channel_pattern="user/*"}': 1,
      'sse_publish_duration_bucket{sse_channel_pattern="user/*",le="+Inf"}': 1,
      [`sse_open_duration_count{${labels}}`]: 3,
      [`sse_open_duration_bucket{${labels},le="+Inf"}`]: 3,
    });
    expect(series.get('sse_bytes_total')).toBeGreaterThan(300);
    // Nor anything else that grows with users.
    expect([...series.keys()].filter((name) => name.includes('grace'))).toEqual([]);
  });

  it('begin anew with the application', async () => {
    await sample.close();
    sample = await startSample();
    const ada = await SampleUser.signIn(sample.url, 'ada');
    await ada.tell('ada', 'first');
    const series = await scrape();
    expect(series.get('notifications_sent_total{audience="person",level="info"}')).toBe(1);
    expect(series.get('notifications_sent_total{audience="everybody",level="info"}')).toBeUndefined();
  });
});

/** The worst answer to that many wrong passwords from an address. */
const attempt = async (address: string, count: number): Promise<number> => {
  const answers = await Promise.all(
    Array.from({ length: count }, () =>
      fetch(`${sample.url}/session`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-forwarded-for': address },
        body: JSON.stringify({ userId: 'ada', password: 'wrong' }),
      }),
    ),
  );
  return Math.max(...answers.map(({ status }) => status));
};

describe.each([
  ['behind a proxy that it trusts', { TRUST_PROXY: 'loopback' }, [401, 429, 401]],
  ['without one', {}, [401, 429, 429]],
])('addresses, %s', (_where, environment, expected) => {
  beforeAll(async () => {
    const restore = setEnvironment(environment);
    sample = await startSample().finally(restore);
  }, START_MS);
  afterAll(() => sample.close());

  it('are believed, or not', async () => {
    expect([
      await attempt('203.0.113.1', 20),
      await attempt('203.0.113.1', 1),
      await attempt('203.0.113.2', 1),
    ]).toEqual(expected);
  });
});
