import { openSse, type SseStream } from '@nestcast/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import request from 'supertest';

import { type SampleApp, START_MS, startSample } from './support/sample-app.js';
import { SampleUser } from './support/sample-user.js';

let sample: SampleApp;
let opened: SseStream[] = [];

beforeAll(async () => {
  sample = await startSample();
}, START_MS);
afterAll(() => sample.close());

afterEach(async () => {
  await Promise.all(opened.map((stream) => stream.abort()));
  opened = [];
});

const signIn = (userId: string): Promise<SampleUser> => SampleUser.signIn(sample.url, userId);

async function open({ cookie }: SampleUser, headers: Record<string, string> = {}): Promise<SseStream> {
  const stream = await openSse(`${sample.url}/notifications/stream`, { headers: { cookie, ...headers } });
  opened.push(stream);
  return stream;
}

/** The title of the next notification. */
async function nextTitle(stream: SseStream): Promise<string> {
  const { type, data } = await stream.next();
  expect(type).toBe('notification.created');
  return (JSON.parse(data) as { notification: { title: string } }).notification.title;
}

describe('the pages', () => {
  it.each(['/', '/ask', '/upload', '/live', '/ops'])('%s is answered with the document', async (path) => {
    const { text } = await request(sample.url)
      .get(path)
      .expect(200)
      .expect('Content-Type', /^text\/html/)
      .expect('Cache-Control', 'no-cache');
    expect(text).toContain('<div id="root">');
    expect(text).not.toMatch(/ style="| onclick=|<style|<script>/);
  });

  it('come with files that may be kept for ever', async () => {
    const { text } = await request(sample.url).get('/').expect(200);
    const assets = [...text.matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g)].map(([, path]) => path ?? '');
    expect(assets.length).toBeGreaterThan(0);
    for (const path of assets) {
      await request(sample.url)
        .get(path)
        .expect(200)
        .expect('Cache-Control', 'public, max-age=31536000, immutable')
        .expect('X-Content-Type-Options', 'nosniff');
    }
  });

  it('have no path that is not theirs', async () => {
    await request(sample.url).get('/nowhere').expect(404).expect('Content-Type', /json/);
  });
});

describe('health', () => {
  it('is live and ready', async () => {
    await request(sample.url).get('/health/live').expect(200, { status: 'ok' });
    const { body } = await request(sample.url).get('/health/ready').expect(200);
    expect(body).toMatchObject({
      status: 'ok',
      info: { sse: { status: 'up' }, database: { status: 'up' } },
    });
  });

  it('knows whether an event comes through', async () => {
    for (let check = 0; check < 2; check += 1) {
      const { body } = await request(sample.url).get('/health/canary').expect(200);
      expect(body.info).toEqual({ canary: { status: 'up', roundTripMs: expect.any(Number) } });
    }
  });
});

describe('the stream', () => {
  it('goes on after the last event id', async () => {
    const ada = await signIn('ada');
    const stream = await open(ada);
    await ada.tell('ada', 'one');
    const { id } = await stream.next();
    await stream.abort();
    await ada.tell('ada', 'two');
    await ada.tell('*', 'three');
    const resumed = await open(ada, { 'last-event-id': id });
    expect([await nextTitle(resumed), await nextTitle(resumed)]).toEqual(['two', 'three']);
  });

  it('is compressed for those who accept it, and kept nowhere', async () => {
    const grace = await signIn('grace');
    const stream = await open(grace, { 'accept-encoding': 'gzip' });
    expect(stream.headers['content-encoding']).toBe('gzip');
    expect(stream.headers['cache-control']).toBe('no-store, no-transform');
    await grace.post('/notifications', {
      recipient: 'grace',
      title: 'long',
      body: 'again and '.repeat(150),
      level: 'info',
    });
    expect(await nextTitle(stream)).toBe('long');
  });

  it('opens three times for a user, and not a fourth', async () => {
    const linus = await signIn('linus');
    const streams = await Promise.all(Array.from({ length: 3 }, () => open(linus)));
    expect(streams.map(({ status }) => status)).toEqual([200, 200, 200]);
    const refused = await open(linus);
    expect([refused.status, JSON.parse(await refused.body())]).toMatchObject([429, { limit: 'perUser' }]);
    expect(refused.headers).toHaveProperty('retry-after');
    expect((await open(await signIn('margaret'))).status).toBe(200);
  });

  it('is not opened without end', async () => {
    const tim = await signIn('tim');
    for (let count = 0; count < 60; count += 1) {
      const stream = await open(tim, { prefer: 'wait=0' });
      expect(stream.status).toBe(200);
      await stream.ended;
    }
    const refused = await open(tim);
    expect([refused.status, JSON.parse(await refused.body())]).toMatchObject([
      429,
      { limit: 'opensPerMinute' },
    ]);
  });
});
