import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  type Connection,
  OnSseConnect,
  OnSseDisconnect,
  SseChannel,
  SseConnectionLimit,
  SseTicketGuard,
  SseTicketService,
} from '@nestcast/sse';
import { Controller, UseGuards } from '@nestjs/common';
import { nextClose } from './support/lifecycle.js';
import { answerOf, openPoll, waitingPoll } from './support/long-polls.js';
import { type TestApp, adapters, startApp } from './support/nest-app.js';
import { UserGuard, as } from './support/user.guard.js';

@Controller()
class LimitedController {
  readonly seen: string[] = [];

  @SseChannel('news')
  news() {
    return 'news';
  }

  @SseChannel('limited')
  @SseConnectionLimit({ perUser: 1, opensPerMinute: 3 })
  @UseGuards(UserGuard)
  limited() {
    return 'news';
  }

  @SseChannel('patient')
  @SseConnectionLimit({ perUser: 1, refusal: 'stream' })
  @UseGuards(UserGuard)
  patient() {
    return 'news';
  }

  @SseChannel('ticketed')
  @UseGuards(SseTicketGuard)
  ticketed() {
    return 'news';
  }

  @OnSseConnect()
  connected({ userId }: Connection) {
    this.seen.push(`${userId} has come`);
  }

  @OnSseDisconnect()
  disconnected({ userId }: Connection, reason: string) {
    this.seen.push(`${userId} has gone: ${reason}`);
  }
}

describe.each(adapters)('a long poll on %s, to all but its client,', (adapter) => {
  let app: TestApp;
  beforeEach(async () => {
    app = await startApp(adapter, { controllers: [LimitedController] });
  });
  afterEach(() => app.close());

  const seen = (): Promise<string> => app.channels.publish('news', { data: 'seen' });

  it('is guarded, counted and refused as a stream is', async () => {
    const place = await seen();
    const path = '/limited';
    expect((await openPoll(app, place, { path })).status).toBe(401);
    const { headers } = as('ann');
    const first = await waitingPoll(app, place, { path, headers });
    const second = await openPoll(app, place, { path, headers });
    expect([second.status, second.headers['preference-applied']]).toEqual([429, undefined]);
    const id = await app.channels.publish('news', { data: '1' });
    expect((await answerOf(first)).data).toEqual(['1']);
    expect((await answerOf(await openPoll(app, id, { path, headers, prefer: 'wait=0' }))).place).toBe(id);
    const fourth = await openPoll(app, id, { path, headers });
    expect(JSON.parse(await fourth.body())).toMatchObject({ statusCode: 429, limit: 'opensPerMinute' });
    expect(app.channels.stats()).toMatchObject({ refusals: { perUser: 1, opensPerMinute: 1 } });
  });

  it('is refused as a stream, and known as a poll all the same', async () => {
    const place = await seen();
    const options = { path: '/patient', ...as('ann') };
    await waitingPoll(app, place, options);
    const headers = { ...options.headers, origin: 'http://page.test' };
    const refused = await openPoll(app, place, { ...options, headers });
    expect(await refused.control('sse:goodbye')).toMatchObject({ reason: 'server', limit: 'perUser' });
    expect(refused.headers).toMatchObject({
      'preference-applied': 'wait=0',
      'access-control-expose-headers': 'Preference-Applied',
    });
    const stream = await app.open('/patient', as('ann'));
    expect(stream.headers['preference-applied']).toBeUndefined();
  });

  it('gives its place back when its client goes away', async () => {
    const place = await seen();
    const options = { path: '/limited', ...as('ann') };
    const closed = nextClose(app);
    const stream = await waitingPoll(app, place, options);
    await stream.abort();
    expect(await closed).toBe('client');
    const again = await waitingPoll(app, place, options);
    expect(again.status).toBe(200);
    expect(app.channels.connections()).toHaveLength(1);
  });

  it.each([
    ['drain', (): Promise<unknown> => app.app.close()],
    ['revoked', (): Promise<unknown> => app.channels.disconnect({ channel: 'news' }, 'revoked')],
  ])('says goodbye where it has to go before: %s', async (reason, end) => {
    const stream = await waitingPoll(app, await seen());
    await end();
    expect(await stream.control('sse:goodbye')).toMatchObject({ reason });
    expect(await stream.ended).toBe('end');
  });

  it('uses a ticket up', async () => {
    const place = await seen();
    const ticket = await app.app.get(SseTicketService).issue({ userId: 'ann' });
    const path = `/ticketed?ticket=${ticket}`;
    expect((await answerOf(await openPoll(app, place, { path, prefer: 'wait=0' }))).place).toBe(place);
    expect((await openPoll(app, place, { path })).status).toBe(401);
  });

  it('is a connection that comes and goes', async () => {
    const stream = await waitingPoll(app, await seen(), { path: '/limited', ...as('ann') });
    expect(await app.channels.presence('news')).toMatchObject([{ userId: 'ann' }]);
    await app.channels.publish('news', { data: '1' });
    await answerOf(stream);
    expect(app.app.get(LimitedController).seen).toEqual(['ann has come', 'ann has gone: answered']);
    expect(await app.channels.presence('news')).toEqual([]);
  });
});
