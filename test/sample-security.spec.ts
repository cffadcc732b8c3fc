import { openSse, type SseStream } from '@nestcast/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import request from 'supertest';

import { setEnvironment } from './support/environment.js';
import { type SampleApp, START_MS, startSample } from './support/sample-app.js';
import { SampleUser } from './support/sample-user.js';

const SECRET = 'for grace only';
let sample: SampleApp;
let opened: SseStream[] = [];
/** Who has something that nobody else may see, and who would like to. */
let grace: SampleUser;
let linus: SampleUser;
/** Of Grace's stream, before its events. */
let cursor: string;

beforeAll(async () => {
  const restore = setEnvironment({ TRUST_PROXY: 'loopback' });
  sample = await startSample().finally(restore);
  [grace, linus] = [
    await SampleUser.signIn(sample.url, 'grace'),
    await SampleUser.signIn(sample.url, 'linus'),
  ];
  const stream = await open('/notifications/stream', grace);
  await stream.connectionId();
  cursor = stream.lastEventId;
  await grace.tell('grace', SECRET);
  expect((await stream.next()).data).toContain(SECRET);
  await stream.abort();
}, START_MS);
afterAll(() => sample.close());

afterEach(async () => {
  await Promise.all(opened.map((stream) => stream.abort()));
  opened = [];
});

async function open(
  path: string,
  { cookie }: SampleUser,
  headers: Record<string, string> = {},
  method = 'GET',
): Promise<SseStream> {
  const stream = await openSse(sample.url + path, { method, headers: { cookie, ...headers } });
  opened.push(stream);
  return stream;
}

/** All that Linus gets over a stream: what he could have missed, and what comes now. */
async function heard(path: string, headers: Record<string, string> = {}): Promise<string> {
  const stream = await open(path, linus, headers);
  expect(stream.status).toBe(200);
  await grace.tell('grace', SECRET);
  await linus.tell('linus', 'for linus');
  while (!(await stream.next()).data.includes('for linus')) {
    // An event of before.
  }
  await stream.abort();
  return JSON.stringify(stream.received);
}

describe('a user’s stream', () => {
  it.each([
    ['without more', ''],
    ['by another’s id', '?userId=grace&user=grace&id=grace&recipient=grace&owner=grace'],
    ['by the name of a channel', '?channel=user/grace&channels[]=user/grace&name=user%2Fgrace'],
    ['by the name of all channels', '?channel=user/*&channels=*'],
  ])('carries nothing of others, asked for %s', async (_how, query) => {
    expect(await heard(`/notifications/stream${query}`)).not.toContain(SECRET);
  });

  it.each([
    ['in the header', () => heard('/notifications/stream', { 'last-event-id': cursor })],
    ['in the query', () => heard(`/notifications/stream?lastEventId=${encodeURIComponent(cursor)}`)],
    ['of a user that a proxy is said to tell', () => heard('/notifications/stream', { 'x-user': 'grace' })],
  ])('carries nothing of others after a place in another’s stream, %s', async (_where, listen) => {
    expect(await listen()).not.toContain(SECRET);
  });

  it('answers a poll with nothing of others', async () => {
    const poll = await open('/notifications/stream', linus, { prefer: 'wait=0', 'last-event-id': cursor });
    expect(poll.status).toBe(200);
    const answer = await poll.body();
    expect(answer).toContain('for linus');
    expect(answer).not.toContain(SECRET);
  });

  it.each([
    '/notifications/stream/grace',
    '/notifications/stream/user/grace',
    '/notifications/stream/..%2f..%2fuser%2fgrace',
    '/notifications/user/grace',
    '/user/grace',
    '/user/linus/../grace',
    '/user/linus/%2e%2e/grace',
  ])('has no other path: %s', async (path) => {
    expect((await open(path, linus)).status).toBe(404);
  });

  it.each(['GET', 'HEAD'])('is nobody’s without a session: %s', async (method) => {
    const ways: Record<string, string>[] = [{}, { prefer: 'wait=0' }, { 'last-event-id': cursor }];
    for (const headers of ways) {
      expect((await open('/notifications/stream', grace, { ...headers, cookie: '' }, method)).status).toBe(
        401,
      );
    }
  });

  it.each(['POST', 'PUT', 'DELETE', 'PATCH'])('isn’t there for %s', async (method) => {
    const json = { 'content-type': 'application/json' };
    expect((await open('/notifications/stream', linus, json, method)).status).toBe(404);
  });
});

describe('a user’s notifications', () => {
  it.each(['userId', 'recipient', 'owner', 'sender', 'channel', '__proto__[id]'])(
    'are not listed for others by %s',
    async (name) => {
      const answer = await linus.get(`/notifications?limit=100&${name}=grace`);
      expect([400, 200]).toContain(answer.status);
      expect(await answer.text()).not.toContain(SECRET);
    },
  );

  it('are not marked as read by others', async () => {
    const { items, inboxes } = await grace.inbox();
    const ids = items.map(({ id }) => id);
    for (const body of [{ ids }, { upTo: Math.max(...ids) }]) {
      const answer = await linus.post('/notifications/read', body);
      expect(answer.status).toBe(200);
      expect(await answer.text()).not.toContain('grace');
    }
    for (const body of [
      { ids, userId: 'grace' },
      { ids, owner: 'grace' },
    ]) {
      expect((await linus.post('/notifications/read', body)).status).toBe(400);
    }
    expect(await grace.inbox()).toEqual(
      expect.objectContaining({ items, inboxes: { ...inboxes, own: inboxes.own } }),
    );
  });

  it.each([{ sender: 'grace' }, { from: 'grace' }, { via: 'x' }, { id: 1 }, { createdAt: '2020-01-01' }])(
    'have the sender who has sent them: %j is refused',
    async (more) => {
      const draft = { recipient: 'linus', title: 'forged', level: 'info', ...more };
      expect((await linus.post('/notifications', draft)).status).toBe(400);
    },
  );

  it.each(['user/grace', 'linus/../grace', 'grace/', '**', 'grace%00'])(
    'go to accounts, not to channels: %j',
    async (recipient) => {
      const { status } = await linus.tell(recipient, 'where to');
      expect([400, 404, 422]).toContain(status);
    },
  );
});

describe('requests of other sites’ pages', () => {
  it.each(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x'])(
    'can send no form: %s',
    async (type) => {
      for (const path of ['/session', '/notifications', '/notifications/read']) {
        const response = await request(sample.url)
          .post(path)
          .set('Cookie', grace.cookie)
          .type(type)
          .send('{"userId":"linus","password":"nestcast"}')
          .expect(415);
        expect(response.get('Set-Cookie')).toBeUndefined();
      }
    },
  );

  it.each(['cross-site', 'same-site'])('are refused: %s', async (site) => {
    const headers = { 'sec-fetch-site': site, 'sec-fetch-mode': 'cors', cookie: grace.cookie };
    const asked = (method: string, path: string): Promise<Response> =>
      fetch(sample.url + path, { method, headers });
    for (const [method, path] of [
      ['DELETE', '/session'],
      ['DELETE', '/session/everywhere'],
      ['POST', '/notifications'],
      ['GET', '/notifications'],
      ['GET', '/notifications/stream'],
      ['GET', '/session'],
    ] as const) {
      const { status } = await asked(method, path);
      expect([method, path, status]).toEqual([method, path, 403]);
    }
    expect((await grace.get('/session')).status).toBe(200);
  });

  it('may be links, but no frames', async () => {
    const link = {
      'sec-fetch-site': 'cross-site',
      'sec-fetch-mode': 'navigate',
      'sec-fetch-dest': 'document',
    };
    const { url } = sample;
    await request(url).get('/ask').set(link).expect(200);
    await request(url)
      .get('/ask')
      .set({ ...link, 'sec-fetch-dest': 'iframe' })
      .expect(403);
    await request(url).delete('/session').set(link).expect(403);
  });

  it('get no permission by CORS', async () => {
    const { headers } = await fetch(`${sample.url}/notifications`, {
      method: 'OPTIONS',
      headers: { origin: 'https://evil.example', 'access-control-request-method': 'POST' },
    });
    expect([...headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([]);
  });
});

describe('what is answered', () => {
  it.each(['/', '/ask', '/session', '/notifications/stream', '/nowhere'])(
    'has the headers that protect it: %s',
    async (path) => {
      const { headers } = await request(sample.url).get(path);
      expect(headers['content-security-policy']).toBe(
        "default-src 'none';script-src 'self';style-src 'self';img-src 'self';connect-src 'self';" +
          "base-uri 'none';form-action 'self';frame-ancestors 'none'",
      );
      expect(headers).toMatchObject({
        'x-content-type-options': 'nosniff',
        'x-frame-options': 'DENY',
        'referrer-policy': 'same-origin',
        'cross-origin-opener-policy': 'same-origin',
        'cross-origin-resource-policy': 'same-origin',
      });
      expect(headers).not.toHaveProperty('x-powered-by');
    },
  );

  it('to a user is kept nowhere', async () => {
    for (const path of ['/session', '/notifications']) {
      expect((await grace.get(path)).headers.get('cache-control')).toBe('no-store');
    }
  });
});
