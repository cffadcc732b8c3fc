import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import request from 'supertest';

import { setEnvironment } from './support/environment.js';
import { type SampleApp, START_MS, startSample } from './support/sample-app.js';
import { encoded, signedSession } from './support/session-cookies.js';

const SECRET = 'known to this spec and to the server';
const WEEK_MS = 7 * 24 * 60 * 60 * 1_000;
const password = 'nestcast';
let sample: SampleApp;

beforeAll(async () => {
  const restore = setEnvironment({ SESSION_SECRET: SECRET, TRUST_PROXY: 'loopback' });
  sample = await startSample().finally(restore);
}, START_MS);
afterAll(() => sample.close());

/** A session as the server would make it, and what else one might put in it. */
const session = (more: object = {}): object => ({ userId: 'grace', epoch: 0, since: Date.now(), ...more });
const signed = (more: object = {}): string => signedSession(SECRET, session(more));
const signatureOf = (cookie: string): string => cookie.split('; ')[1] ?? '';

/** What it is answered with that cookie. */
async function statuses(cookie: string): Promise<number[]> {
  const paths = ['/session', '/notifications', '/notifications/stream'];
  return Promise.all(
    paths.map(async (path) => {
      const response = await fetch(sample.url + path, { headers: { cookie } });
      await response.body?.cancel();
      return response.status;
    }),
  );
}

describe('a session’s cookie', () => {
  it('counts when the server has signed it', async () => {
    expect(await statuses(signed())).toEqual([200, 200, 200]);
  });

  it.each([
    ['without a signature', () => `session=${encoded(session())}`],
    ['with an empty signature', () => `session=${encoded(session())}; session.sig=`],
    [
      'with the signature of another',
      () => `session=${encoded(session())}; ${signatureOf(signed({ userId: 'linus' }))}`,
    ],
    ['with a secret that was guessed', () => signedSession('secret', session())],
    ['with an empty secret', () => signedSession('\0', session())],
    ['signed under another name', () => signedSession(SECRET, session(), '__Host-session')],
    ['changed after it was signed', () => signed().replace(/=(...)/, '=$1A')],
    ['that is no JSON', () => 'session=%%%; session.sig=x'],
    ['of last week', () => signed({ since: Date.now() - WEEK_MS })],
    ['of an epoch that is over', () => signed({ epoch: -1 })],
    ['of an epoch to come', () => signed({ epoch: 1 })],
    ['of an epoch in text', () => signed({ epoch: '0' })],
    ['of nobody', () => signed({ userId: 'nobody' })],
    ['of everybody', () => signed({ userId: '*' })],
    ['of two', () => signed({ userId: ['grace'] })],
    ['of a channel', () => signed({ userId: 'linus/../grace' })],
    ['of a name in other letters', () => signed({ userId: 'Grace' })],
    ['without a beginning', () => signed({ since: undefined })],
  ])('does not count %s', async (_what, cookie) => {
    expect(await statuses(cookie())).toEqual([401, 401, 401]);
  });

  it('gives no role', async () => {
    const { body } = await request(sample.url)
      .get('/session')
      .set('Cookie', signed({ role: 'admin', name: 'Root' }))
      .expect(200);
    expect(body).toEqual({ id: 'grace', name: 'Grace Hopper', role: 'member' });
  });

  it('is for this site’s requests, and for no script', async () => {
    const response = await request(sample.url).post('/session').send({ userId: 'ada', password }).expect(201);
    const cookies = response.get('Set-Cookie') ?? [];
    expect(cookies.map((cookie) => cookie.split('=')[0])).toEqual(['session', 'session.sig']);
    for (const cookie of cookies) {
      expect(cookie).toMatch(/; path=\/; expires=[^;]+; samesite=lax; httponly$/i);
    }
  });

  it('is for TLS and this host alone behind a proxy that speaks TLS', async () => {
    const response = await request(sample.url)
      .post('/session')
      .set('X-Forwarded-Proto', 'https')
      .send({ userId: 'ada', password })
      .expect(201);
    const cookies = response.get('Set-Cookie') ?? [];
    expect(cookies.map((cookie) => cookie.split('=')[0])).toEqual(['__Host-session', '__Host-session.sig']);
    for (const cookie of cookies) {
      expect(cookie).toMatch(/; path=\/; expires=[^;]+; samesite=lax; secure; httponly$/i);
    }
    const cookie = cookies.map((line) => line.split(';')[0]).join('; ');
    await request(sample.url)
      .get('/session')
      .set({ Cookie: cookie, 'X-Forwarded-Proto': 'https' })
      .expect(200);
    // What came over TLS is not believed without it, nor the other way round: a neighbour could have set that one.
    await request(sample.url).get('/session').set('Cookie', cookie).expect(401);
    await request(sample.url)
      .get('/session')
      .set({ Cookie: signed(), 'X-Forwarded-Proto': 'https' })
      .expect(401);
  });

  it('is a new one for each sign-in: one that was planted stays its owner’s', async () => {
    const planted = signed({ userId: 'linus' });
    const response = await request(sample.url)
      .post('/session')
      .set('Cookie', planted)
      .send({ userId: 'grace', password })
      .expect(201);
    const [own] = (response.get('Set-Cookie') ?? []).map((line) => line.split(';')[0]);
    expect(planted).not.toContain(own);
    const { body } = await request(sample.url).get('/session').set('Cookie', planted).expect(200);
    expect(body.id).toBe('linus');
  });
});

const attempt = (userId: string, tried: string): Promise<Response> =>
  fetch(`${sample.url}/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ userId, password: tried }),
  });

const headerNames = ({ headers }: Response): string[] => [...headers.keys()].toSorted();

describe('a wrong password', () => {
  it('is answered like an account that isn’t there', async () => {
    const [wrong, unknown] = [await attempt('ada', 'wrong'), await attempt('nobody', 'wrong')];
    expect([wrong.status, unknown.status]).toEqual([401, 401]);
    expect(await wrong.text()).toBe(await unknown.text());
    expect(headerNames(wrong)).toEqual(headerNames(unknown));
    expect(wrong.headers.getSetCookie()).toEqual([]);
  });

  it('can be tried twenty times in a minute, and the right one not after that', async () => {
    const tries = await Promise.all(Array.from({ length: 20 }, () => attempt('tim', 'wrong')));
    expect(tries.map(({ status }) => status)).toEqual(tries.map(() => 401));
    const refused = await attempt('tim', password);
    expect(refused.status).toBe(429);
    const seconds = Number(refused.headers.get('retry-after'));
    expect(seconds).toBeGreaterThan(0);
    expect(seconds).toBeLessThanOrEqual(60);
    expect(refused.headers.getSetCookie()).toEqual([]);
    // Others, and the session that Tim has elsewhere, are none the worse for it.
    expect((await attempt('margaret', password)).status).toBe(201);
    expect(await statuses(signed({ userId: 'tim' }))).toEqual([200, 200, 200]);
  });

  it('can’t be tried on ever more accounts', async () => {
    // Attempts that are no good count as well, and cost nothing to refuse.
    const tries = await Promise.all(
      Array.from({ length: 100 }, (_, index) => attempt(`somebody ${index}`, 'wrong')),
    );
    expect(new Set(tries.map(({ status }) => status))).toEqual(new Set([400, 429]));
    expect((await attempt('ada', password)).status).toBe(429);
  });
});
