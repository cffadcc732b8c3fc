import { afterEach, describe, expect, it } from '@jest/globals';
import { type Connection, type ExpiresAt, SseChannel, SseConnection, type SseEvent } from '@nestcast/sse';
import { ManualClock, openSse } from '@nestcast/testing';
import { Controller } from '@nestjs/common';
import { NEVER, type Observable } from 'rxjs';
import request from 'supertest';
import { nextOpen } from './support/lifecycle.js';
import { type TestApp, adapters, startApp } from './support/nest-app.js';

let calls = 0;

@Controller()
class StreamController {
  @SseChannel('channel')
  channel() {
    calls += 1;
    return 'news';
  }

  @SseChannel('private')
  private(): Observable<SseEvent> {
    calls += 1;
    return NEVER;
  }

  @SseChannel('renewing')
  renewing(@SseConnection() connection: Connection) {
    connection.expireAt(Infinity);
    return 'news';
  }
}

/** The request's `exp`, in seconds as in a JWT. */
interface TokenRequest {
  readonly headers: { readonly 'x-exp'?: string };
}

const ofHeader: ExpiresAt = ({ headers }: TokenRequest) => Number(headers['x-exp']) * 1_000;
const until = (exp: number): { headers: Record<string, string> } => ({ headers: { 'x-exp': String(exp) } });

describe.each(adapters)('[L3] credentials with an end, on %s', (adapter) => {
  let app: TestApp;
  afterEach(() => app.close());

  async function start(expiresAt: unknown, clock?: ManualClock): Promise<void> {
    calls = 0;
    app = await startApp(adapter, {
      controllers: [StreamController],
      sse: { expiresAt: expiresAt as ExpiresAt, heartbeat: { intervalMs: 0 } },
      ...(clock && { clock }),
    });
  }

  /** Follows a stream to its end, and comes back to it when it is too late. */
  async function expectClosedAt(exp: number, path: string): Promise<void> {
    const stream = await app.open(path, until(exp));
    await stream.connectionId();
    expect(await stream.control('sse:goodbye')).toEqual({ reason: 'expired' });
    // Never before; later by a tick of the hub's clock (20 ms), and what a busy machine adds.
    const late = Date.now() - exp * 1_000;
    expect(late).toBeGreaterThanOrEqual(-5);
    expect(late).toBeLessThan(500);
    expect(await stream.ended).toBe('end');
    await request(app.url)
      .get(path)
      .set('x-exp', String(exp))
      .set('Last-Event-ID', stream.lastEventId)
      .expect(401);
  }

  it('close /channel and /private at that moment, 2 s ahead', async () => {
    await start(ofHeader);
    const exp = Date.now() / 1_000 + 2;
    await Promise.all(['/channel', '/private'].map((path) => expectClosedAt(exp, path)));
    expect(calls).toBe(2);
    expect(app.channels.stats().closes).toMatchObject({ expired: 2, server: 0 });
  });

  it.each([
    ['/channel', () => new Date(Date.UTC(2026, 0, 1) + 5_000)],
    ['/private', () => Date.UTC(2026, 0, 1) + 5_000],
  ])('may be told as a Date or in milliseconds: %s', async (path, expiresAt) => {
    const clock = new ManualClock();
    await start(expiresAt, clock);
    const stream = await app.open(path);
    await stream.connectionId();
    clock.advance(4_999);
    expect(app.channels.stats().connections).toBe(1);
    clock.advance(1);
    expect(app.channels.stats()).toMatchObject({ connections: 0, closes: { expired: 1 } });
    expect(await stream.control('sse:goodbye')).toEqual({ reason: 'expired' });
  });

  it.each([() => undefined, () => null, () => Infinity])('may have none: %p', async (expiresAt) => {
    const clock = new ManualClock();
    await start(expiresAt, clock);
    await (await app.open('/channel')).connectionId();
    clock.advance(30 * 60_000);
    expect(app.channels.stats().connections).toBe(1);
  });

  it('can be renewed by the handler', async () => {
    const clock = new ManualClock();
    await start(() => clock.now() + 1_000, clock);
    await (await app.open('/renewing')).connectionId();
    clock.advance(60_000);
    expect(app.channels.stats().connections).toBe(1);
  });

  it('that have passed are refused before the handler runs', async () => {
    const clock = new ManualClock();
    for (const expiresAt of [() => clock.now(), () => new Date(0), () => -1]) {
      await start(expiresAt, clock);
      const answer = await request(app.url).get('/channel').expect(401);
      expect(answer.body).toMatchObject({ statusCode: 401, message: 'The credentials have ended.' });
      await request(app.url).head('/private').expect(401);
      expect([calls, app.channels.stats().opens]).toEqual([0, 0]);
      await app.close();
    }
  });

  it.each([
    ['a promise', async () => Date.now() + 5_000, 'got a value of type Promise.'],
    ['a promise that rejects', () => Promise.reject(new Error('no')), 'got a value of type Promise.'],
    ['a string', () => '2030-01-01', 'got a value of type String.'],
    ['NaN', () => Number.NaN, 'NaN or an invalid Date'],
    ['no valid Date', () => new Date('tomorrow'), 'NaN or an invalid Date'],
    ['seconds', () => 1_900_000_000, 'look like seconds: of a JWT, give exp * 1000.'],
  ])('may not be %s', async (_, expiresAt, complaint) => {
    await start(expiresAt);
    const answer = await request(app.url).get('/channel').expect(500);
    expect(answer.body).toEqual({ statusCode: 500, message: 'Internal server error' });
    expect(app.logger.errors).toEqual([expect.stringMatching(/^SseError: (What )?expiresAt /)]);
    expect(app.logger.errors[0]).toContain(complaint);
    expect([calls, app.channels.stats().opens]).toEqual([0, 0]);
  });
});

describe.each(adapters)('a tenant, on %s', (adapter) => {
  let app: TestApp;
  afterEach(() => app.close());

  async function start(tenant: unknown): Promise<void> {
    app = await startApp(adapter, {
      controllers: [StreamController],
      sse: { tenant: tenant as () => string },
    });
  }

  it('is whose connections are ended, and nobody else', async () => {
    await start(({ headers }: { headers: Record<string, string> }) => headers['x-tenant']);
    const open = async (path: string, tenant?: string) => {
      const opened = nextOpen(app);
      const stream = await app.open(path, { headers: { 'x-tenant': tenant } });
      await stream.connectionId();
      return { stream, connection: await opened };
    };
    const [one, other, two, none] = [
      await open('/channel', '1'),
      await open('/private', '1'),
      await open('/channel', '2'),
      await open('/channel'),
    ];
    expect([one, two, none].map(({ connection }) => connection.tenant)).toEqual(['1', '2', undefined]);
    expect(await app.channels.unsubscribe({ tenant: 2 }, 'sports')).toBe(0);
    expect(await app.channels.disconnect({ tenant: 1 }, 'revoked')).toBe(2);
    for (const { stream } of [one, other]) {
      expect(await stream.control('sse:goodbye')).toEqual({ reason: 'revoked' });
    }
    expect(await app.channels.unsubscribe({ tenant: '2' }, 'news')).toBe(1);
    expect(two.connection.closeReason).toBe('revoked');
    expect(none.connection.closed).toBe(false);
  });

  it('is told at once, and as an id', async () => {
    await start(async () => 'acme');
    const answer = await openSse(`${app.url}/channel`);
    expect(answer.status).toBe(500);
    expect(app.logger.errors).toEqual([
      expect.stringContaining('tenant must be synchronous and return a string that is not empty, a number'),
    ]);
  });

  it('is named rightly, or nobody is ended', async () => {
    await start(() => 'acme');
    await (await app.open('/channel')).connectionId();
    for (const [filter, name] of [
      [{ tenants: 'acme' }, 'tenants is no field of it'],
      [{ tenant: '' }, 'tenant must be'],
      [{ channel: 'news', userId: null }, 'userId must be'],
    ] as [object, string][]) {
      const error = { code: 'INVALID_OPTION', message: expect.stringContaining(name) };
      await expect(app.channels.disconnect(filter)).rejects.toMatchObject(error);
      await expect(app.channels.unsubscribe(filter, 'news')).rejects.toMatchObject(error);
    }
    await expect(app.channels.disconnect({ tenant: 'acme' }, 'fired' as 'server')).rejects.toMatchObject({
      code: 'INVALID_OPTION',
      message: expect.stringContaining("got 'fired'"),
    });
    expect(app.channels.stats().connections).toBe(1);
  });
});
