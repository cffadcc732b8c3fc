import { openSse, type SseStream } from '@nestcast/testing';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import request from 'supertest';

import { signIn, startSample, type SampleApp, type SampleUser, type Sent } from './support/sample-app.js';

let sample: SampleApp;
let opened: SseStream[];

beforeEach(async () => {
  sample = await startSample();
  opened = [];
});

afterEach(async () => {
  await Promise.all(opened.map((stream) => stream.abort()));
  await sample.close();
});

async function open(user: SampleUser, headers: Record<string, string> = {}): Promise<SseStream> {
  const stream = await openSse(`${sample.url}/notifications/stream`, {
    headers: { cookie: user.cookie, ...headers },
  });
  opened.push(stream);
  return stream;
}

const draft = (userId: string, title: string): object => ({ userId, title, level: 'info' });

async function nextNotification(stream: SseStream): Promise<Sent> {
  const event = await stream.next();
  expect(event.type).toBe('notification.created');
  return JSON.parse(event.data) as Sent;
}

describe('the page', () => {
  it('comes with a policy that allows its own files only', async () => {
    const response = await request(sample.url)
      .get('/')
      .expect(200)
      .expect('Content-Type', /^text\/html/);
    const { headers } = response;
    expect(headers['content-security-policy']).toContain("default-src 'none'");
    expect(headers['content-security-policy']).not.toContain('unsafe-inline');
    expect(headers['x-content-type-options']).toBe('nosniff');
    expect(headers['referrer-policy']).toBe('same-origin');
    expect(headers).not.toHaveProperty('x-powered-by');
    expect(response.text).not.toMatch(/ style="| onclick=|<style|<script>/);
  });

  it.each(['/app.js', '/stream.js', '/base.css', '/layout.css', '/favicon.svg'])(
    'serves %s',
    async (path) => {
      await request(sample.url).get(path).expect(200).expect('X-Content-Type-Options', 'nosniff');
    },
  );
});

describe('health', () => {
  it('is live and ready', async () => {
    await request(sample.url).get('/health/live').expect(200, { status: 'ok' });
    const ready = await request(sample.url).get('/health/ready').expect(200);
    expect(ready.body).toMatchObject({ status: 'ok', info: { sse: { status: 'up' } } });
  });
});

describe('the session', () => {
  it('is kept in a signed cookie that scripts and other sites cannot use', async () => {
    const agent = request.agent(sample.url);
    await agent.get('/session').expect(401);
    const signedIn = await agent.post('/session').send({ userId: 'ada' }).expect(201, { userId: 'ada' });
    const cookies = signedIn.get('Set-Cookie') ?? [];
    expect(cookies.map((cookie) => cookie.split('=')[0])).toEqual(['session', 'session.sig']);
    for (const cookie of cookies) {
      expect(cookie).toMatch(/; samesite=lax; httponly/i);
    }
    await agent.get('/session').expect(200, { userId: 'ada' });
    await agent.delete('/session').expect(204);
    await agent.get('/session').expect(401);
  });

  it('does not believe a cookie it has not signed', async () => {
    const { cookie } = await signIn(sample.url, 'ada');
    const [, signature] = cookie.split('; ');
    const forged = Buffer.from(JSON.stringify({ userId: 'grace' })).toString('base64');
    await request(sample.url).get('/session').set('Cookie', `session=${forged}; ${signature}`).expect(401);
  });

  it.each([
    {},
    { userId: '' },
    { userId: 'a b' },
    { userId: 'a'.repeat(65) },
    { userId: ['ada'] },
    { userId: '*' },
  ])('refuses %j', async (body) => {
    const { body: answer } = await request(sample.url).post('/session').send(body).expect(400);
    expect(answer).toMatchObject({
      statusCode: 400,
      error: 'Bad Request',
      message: [expect.stringMatching(/^userId must/)],
    });
  });

  it.each(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x'])(
    'takes no %s, which a form of another site could send',
    async (type) => {
      const response = await request(sample.url)
        .post('/session')
        .type(type)
        .send('{"userId":"ada"}')
        .expect(415);
      expect(response.get('Set-Cookie')).toBeUndefined();
    },
  );
});

describe('notifications', () => {
  it('need a session', async () => {
    await request(sample.url).get('/notifications').expect(401);
    await request(sample.url).post('/notifications').send(draft('ada', 'Hello')).expect(401);
    const stream = await openSse(`${sample.url}/notifications/stream`);
    expect(stream.status).toBe(401);
    expect(JSON.parse(await stream.body())).toMatchObject({ statusCode: 401 });
  });

  it('are answered as they were stored', async () => {
    const ada = await signIn(sample.url, 'ada');
    const response = await ada.send({ userId: 'grace', title: ' Hi ', body: 'there', level: 'warning' });
    expect(response.status).toBe(201);
    expect(await response.json()).toEqual({
      id: expect.any(String),
      userId: 'grace',
      title: 'Hi',
      body: 'there',
      level: 'warning',
      createdAt: expect.stringMatching(/^\d{4}-.*Z$/),
      from: 'ada',
    });
  });

  it.each([
    ['a user id with a space', { userId: 'a b', title: 'T', level: 'info' }, ['userId must']],
    ['a title of blanks', { userId: 'ada', title: '   ', level: 'info' }, ['title must']],
    ['a long title', { userId: 'ada', title: 'x'.repeat(121), level: 'info' }, ['title must']],
    ['a long body', { userId: 'ada', title: 'T', body: 'x'.repeat(2_001), level: 'info' }, ['body must']],
    ['an unknown level', { userId: 'ada', title: 'T', level: 'fatal' }, ['level must']],
    [
      'a forged sender',
      { userId: 'ada', title: 'T', level: 'info', from: 'root' },
      ['property from should not'],
    ],
    ['an empty object', {}, ['userId must', 'title must', 'level must']],
  ])('refuse %s', async (_what, body, beginnings) => {
    const ada = await signIn(sample.url, 'ada');
    const response = await ada.send(body);
    expect(response.status).toBe(400);
    const { message } = (await response.json()) as { message: string[] };
    expect(message).toEqual(beginnings.map((beginning) => expect.stringContaining(beginning)));
  });

  it('are listed newest first, announcements among them, fifty at most', async () => {
    const ada = await signIn(sample.url, 'ada');
    await ada.send(draft('grace', 'not for ada'));
    for (let count = 1; count <= 60; count++) {
      await ada.send(draft(count % 2 === 0 ? '*' : 'ada', `number ${count}`));
    }
    const titles = (await ada.recent()).map(({ title }) => title);
    expect(titles).toEqual(Array.from({ length: 50 }, (_, index) => `number ${60 - index}`));
  });
});

describe('the stream', () => {
  it('carries what is for the user and what is for everybody, and nothing else', async () => {
    const [ada, grace] = [await signIn(sample.url, 'ada'), await signIn(sample.url, 'grace')];
    const [adas, graces] = [await open(ada), await open(grace)];
    expect(adas.status).toBe(200);
    await ada.send(draft('grace', 'for grace'));
    await grace.send(draft('ada', 'for ada'));
    await ada.send(draft('*', 'for all'));
    expect(await nextNotification(adas)).toMatchObject({ title: 'for ada', from: 'grace' });
    expect(await nextNotification(adas)).toMatchObject({ title: 'for all', userId: '*' });
    expect(await nextNotification(graces)).toMatchObject({ title: 'for grace', from: 'ada' });
    expect(await nextNotification(graces)).toMatchObject({ title: 'for all' });
  });

  it('carries the very notification that the list has', async () => {
    const ada = await signIn(sample.url, 'ada');
    const stream = await open(ada);
    await ada.send(draft('ada', 'Hello'));
    expect([await nextNotification(stream)]).toEqual(await ada.recent());
  });

  it('goes on after the last event id', async () => {
    const ada = await signIn(sample.url, 'ada');
    const stream = await open(ada);
    await ada.send(draft('ada', 'one'));
    const { id } = await stream.next();
    await stream.abort();
    await ada.send(draft('ada', 'two'));
    await ada.send(draft('*', 'three'));
    const resumed = await open(ada, { 'last-event-id': id });
    expect((await nextNotification(resumed)).title).toBe('two');
    expect((await nextNotification(resumed)).title).toBe('three');
  });

  it('is compressed for those who accept it', async () => {
    const ada = await signIn(sample.url, 'ada');
    const stream = await open(ada, { 'accept-encoding': 'gzip' });
    expect(stream.headers['content-encoding']).toBe('gzip');
    await ada.send({ ...draft('ada', 'long'), body: 'again and '.repeat(150) });
    expect((await nextNotification(stream)).title).toBe('long');
  });

  it('opens three times for a user, and not a fourth', async () => {
    const ada = await signIn(sample.url, 'ada');
    const streams = await Promise.all(Array.from({ length: 3 }, () => open(ada)));
    expect(streams.map(({ status }) => status)).toEqual([200, 200, 200]);
    const refused = await open(ada);
    expect(refused.status).toBe(429);
    expect(refused.headers).toHaveProperty('retry-after');
    expect((await open(await signIn(sample.url, 'grace'))).status).toBe(200);
  });

  it('ends when its user signs out', async () => {
    const [ada, grace] = [await signIn(sample.url, 'ada'), await signIn(sample.url, 'grace')];
    const [adas, graces] = [await open(ada), await open(grace)];
    await request(sample.url).delete('/session').set('Cookie', ada.cookie).expect(204);
    await adas.control('sse:goodbye');
    await adas.ended;
    await grace.send(draft('grace', 'still here'));
    expect((await nextNotification(graces)).title).toBe('still here');
  });
});
