import { afterEach, describe, expect, it } from '@jest/globals';
import {
  type BrokerFactory,
  SseChannel,
  SseConnectionLimit,
  type SseEvent,
  type SseModuleOptions,
  SseTicket,
  SseTicketGuard,
  SseTicketService,
  type TicketClaims,
  type TicketGrant,
  memoryBroker,
} from '@nestcast/sse';
import { ManualClock, type SseStream } from '@nestcast/testing';
import { Controller, Get, UseGuards } from '@nestjs/common';
import { NEVER, type Observable } from 'rxjs';
import request from 'supertest';
import { nextOpen } from './support/lifecycle.js';
import { type TestApp, adapters, startApp } from './support/nest-app.js';

let seen: (TicketClaims | undefined)[] = [];

@Controller()
@UseGuards(SseTicketGuard)
class StreamController {
  // Also where the guard stands twice a ticket is used once.
  @SseChannel('stream')
  @UseGuards(SseTicketGuard)
  stream(@SseTicket() ticket: TicketClaims) {
    seen.push(ticket);
    return [`user/${ticket.userId}`, 'news'];
  }

  @SseChannel('private')
  private(@SseTicket() ticket: TicketClaims): Observable<SseEvent> {
    seen.push(ticket);
    return NEVER;
  }

  @SseConnectionLimit({ perUser: 1 })
  @SseChannel('limited')
  limited() {
    return 'news';
  }

  @Get('account')
  account() {
    return 'secret';
  }
}

@Controller('open')
class OpenController {
  @SseChannel()
  stream(@SseTicket() ticket: TicketClaims | undefined) {
    seen.push(ticket);
    return 'news';
  }
}

describe.each(adapters)('[L4] tickets on %s', (adapter) => {
  let app: TestApp;
  let clock: ManualClock;
  let tickets: SseTicketService;
  afterEach(() => app.close());

  async function start(sse: SseModuleOptions = {}): Promise<void> {
    seen = [];
    clock = new ManualClock();
    app = await startApp(adapter, { controllers: [StreamController, OpenController], sse, clock });
    tickets = app.app.get(SseTicketService);
  }

  const issue = (grant: Partial<TicketGrant> = {}): Promise<string> =>
    tickets.issue({ userId: 'ann', ...grant });
  const openWith = (ticket: string, path = '/stream'): Promise<SseStream> =>
    app.open(`${path}?ticket=${ticket}`);

  /** Holds a request against the one answer that all get who have no good ticket. */
  async function expectRefused(path: string): Promise<void> {
    const { opens } = app.channels.stats();
    const handled = seen.length;
    const answer = await request(app.url).get(path).expect(401);
    expect(answer.body).toEqual({
      statusCode: 401,
      message: 'This takes a ticket that has not been used yet; ask for another one.',
      error: 'Unauthorized',
    });
    expect([app.channels.stats().opens, seen.length]).toEqual([opens, handled]);
  }

  it("let their user in once, whoever the request says it is, with their tenant and its user's limits", async () => {
    await start({ identify: () => 'bob', tenant: () => 'other', limits: { perUser: 2 } });
    const opened = nextOpen(app);
    const ticket = await issue({ userId: 7, tenant: 'acme' });
    const stream = await openWith(ticket);
    await stream.connectionId();
    expect(await opened).toMatchObject({ userId: '7', tenant: 'acme' });
    expect([...(await opened).channels.keys()]).toEqual(['user/7', 'news']);
    expect(seen).toEqual([{ userId: '7', channels: undefined, tenant: 'acme', expiresAt: undefined }]);
    await expectRefused(`/stream?ticket=${ticket}`);
    expect((await openWith(await issue({ userId: 7 }))).status).toBe(200);
    expect((await openWith(await issue({ userId: 7 }))).status).toBe(429);
    expect((await openWith(await issue({ userId: 8 }))).status).toBe(200);
    expect(await app.channels.disconnect({ userId: 7 })).toBe(2);
  });

  it("are known to the limit's guard that comes after theirs", async () => {
    await start();
    const first = await openWith(await issue(), '/limited');
    await first.connectionId();
    expect((await openWith(await issue(), '/limited')).status).toBe(429);
    expect((await openWith(await issue({ userId: 'bob' }), '/limited')).status).toBe(200);
  });

  it('leave what they do not say to the module', async () => {
    await start({ tenant: () => 'acme', expiresAt: () => clock.now() + 1_000 });
    const opened = nextOpen(app);
    await (await openWith(await issue())).connectionId();
    expect((await opened).tenant).toBe('acme');
    clock.advance(1_000);
    expect((await opened).closeReason).toBe('expired');
  });

  it('let in exactly one of a hundred that come at the same time', async () => {
    await start();
    const ticket = await issue();
    const streams = await Promise.all(Array.from({ length: 100 }, () => openWith(ticket)));
    expect(streams.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(streams.filter(({ status }) => status === 401)).toHaveLength(99);
    expect(app.channels.stats().opens).toBe(1);
  });

  it('that are missing, forged, or of another process are refused like used ones', async () => {
    await start();
    const other = app;
    const foreign = await issue();
    await other.close();
    await start();
    const [header, payload, signature = ''] = (await issue()).split('.');
    for (const query of [
      '',
      '?ticket=',
      '?ticket=x',
      '?ticket=%00',
      `?ticket=${foreign}`,
      `?ticket=${header}.${payload}.${signature.split('').toReversed().join('')}`,
      `?ticket=${header}.${payload}.`,
      `?Ticket=${await issue()}`,
    ]) {
      await expectRefused(`/stream${query}`);
    }
    expect(app.logger.errors).toEqual([]);
  });

  it('live for as long as the module says', async () => {
    await start({ tickets: { ttlMs: 5_000 } });
    const [early, late, untried] = [await issue(), await issue(), await issue()];
    clock.advance(4_999);
    expect((await openWith(early)).status).toBe(200);
    clock.advance(1);
    await expectRefused(`/stream?ticket=${late}`);
    await expectRefused(`/stream?ticket=${early}`);
    clock.advance(60_000);
    await expectRefused(`/stream?ticket=${untried}`);
  });

  it('are looked for where the module says, and signed with what it says', async () => {
    const secret = 'a secret that nodes have in common, of 32 bytes or more';
    await start({ tickets: { secret, parameter: 'access' } });
    const { app: first } = app;
    const elsewhere = await first.get(SseTicketService).issue({ userId: 'ann' });
    await expectRefused(`/stream?ticket=${elsewhere}`);
    await app.close();
    await start({
      tickets: { secret: ['a newer secret, which signs from now on', secret], parameter: 'access' },
    });
    expect((await app.open(`/stream?access=${elsewhere}`)).status).toBe(200);
    expect((await app.open(`/stream?access=${await issue()}`)).status).toBe(200);
  });

  it('with channels let in to no others, and to no private stream', async () => {
    await start();
    const channels = ['news', 'user/ann', 'sports'];
    const stream = await openWith(await issue({ channels }));
    await stream.connectionId();
    for (const [path, grant] of [
      ['/stream', { channels: ['news'] }],
      ['/stream', { userId: 'bob', channels }],
      ['/private', { channels }],
    ] as [string, Partial<TicketGrant>][]) {
      const answer = await request(app.url)
        .get(`${path}?ticket=${await issue(grant)}`)
        .expect(403);
      expect(answer.body).toMatchObject({ message: 'The ticket is for other channels.' });
    }
    expect(app.channels.stats()).toMatchObject({ opens: 1, connections: 1, channels: 2 });
    expect((await openWith(await issue(), '/private')).status).toBe(200);
    expect(app.logger.errors).toEqual([]);
  });

  it('with an end close their stream then, and are dead after it', async () => {
    await start({ expiresAt: () => undefined });
    const expiresAt = new Date(clock.now() + 3_000);
    const unused = await issue({ expiresAt });
    const stream = await openWith(await issue({ expiresAt }));
    await stream.connectionId();
    clock.advance(2_999);
    expect(app.channels.stats().connections).toBe(1);
    clock.advance(1);
    expect(await stream.control('sse:goodbye')).toEqual({ reason: 'expired' });
    await expectRefused(`/stream?ticket=${unused}`);
    await expectRefused(`/stream?ticket=${await issue({ expiresAt })}`);
  });

  it('have no later end than the request itself', async () => {
    await start({ expiresAt: () => clock.now() + 1_000 });
    const stream = await openWith(await issue({ expiresAt: new Date(clock.now() + 3_000) }));
    await stream.connectionId();
    clock.advance(1_000);
    expect(await stream.control('sse:goodbye')).toEqual({ reason: 'expired' });
  });

  it('open no other route, and are not used up by it', async () => {
    await start();
    const ticket = await issue();
    await expectRefused(`/account?ticket=${ticket}`);
    await expectRefused('/account');
    expect((await openWith(ticket)).status).toBe(200);
  });

  it('mean nothing where no guard takes them', async () => {
    await start();
    const opened = nextOpen(app);
    const ticket = await issue();
    await (await openWith(ticket, '/open')).connectionId();
    expect((await opened).userId).toBeUndefined();
    expect(seen).toEqual([undefined]);
    expect((await openWith(ticket)).status).toBe(200);
  });

  it('are used up by a request that is refused later', async () => {
    await start({ limits: { total: 0 } });
    const ticket = await issue();
    expect((await openWith(ticket)).status).toBe(503);
    expect((await openWith(ticket)).status).toBe(401);
  });

  it('resume with ?lastEventId= beside them', async () => {
    await start();
    const first = await openWith(await issue());
    await app.channels.publish('news', { data: 'one' });
    const { id } = await first.next();
    await first.abort();
    await app.channels.publish('news', { data: 'two' });
    await app.channels.publish('user/ann', { data: 'three' });
    const second = await app.open(`/stream?ticket=${await issue()}&lastEventId=${encodeURIComponent(id)}`);
    expect((await second.take(2)).map(({ data }) => data)).toEqual(['two', 'three']);
  });

  it('are spent by the broker, where it can, and by nobody where it fails', async () => {
    const answers: (() => Promise<boolean>)[] = [];
    const asked: [key: string, ttlMs: number][] = [];
    const broker: BrokerFactory = (context) =>
      Object.assign(memoryBroker()(context), {
        spendOnce: async (key: string, ttlMs: number) => {
          asked.push([key, ttlMs]);
          return (await answers.shift()?.()) ?? false;
        },
      });
    await start({ broker, retry: { ms: 2_000 } });
    answers.push(
      async () => true,
      async () => false,
      () => Promise.reject(new Error('connection lost')),
    );
    const ticket = await issue();
    clock.advance(10_000);
    expect((await openWith(ticket)).status).toBe(200);
    await expectRefused(`/stream?ticket=${ticket}`);
    const { status, headers } = await openWith(await issue());
    expect([status, headers['retry-after']]).toEqual([503, '2']);
    expect(app.channels.stats().opens).toBe(1);
    expect(asked).toHaveLength(3);
    // As long as it could be used, and 10 s for clocks that differ.
    expect(asked[0]).toEqual([expect.stringMatching(/^[\da-f-]{36}$/), 30_000]);
    expect(asked[1]?.[0]).toBe(asked[0]?.[0]);
    await expectRefused('/stream?ticket=forged');
    expect(asked).toHaveLength(3);
  });
});
