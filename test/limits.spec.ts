import { afterEach, describe, expect, it } from '@jest/globals';
import {
  SseChannel,
  SseConnectionLimit,
  SseConnectionLimitGuard,
  type SseModuleOptions,
  SseSignal,
} from '@nestcast/sse';
import type { SseStream } from '@nestcast/testing';
import { Controller, Param, ParseIntPipe, type Type, UseGuards } from '@nestjs/common';
import request from 'supertest';
import { nextClose } from './support/lifecycle.js';
import { type TestApp, adapters, startApp } from './support/nest-app.js';
import { UserGuard, as } from './support/user.guard.js';

const PARALLEL = 100;
const ROUNDS = 334;

@Controller()
class LimitedController {
  // Nest runs the guards of the lower decorator first.
  @SseChannel('limited')
  @SseConnectionLimit({ perUser: 3 })
  @UseGuards(UserGuard)
  limited() {
    return 'news';
  }

  @SseChannel('other')
  @SseConnectionLimit({ perUser: 1 })
  @UseGuards(UserGuard)
  other() {
    return 'news';
  }

  @SseChannel('guard-first')
  @UseGuards(UserGuard)
  @SseConnectionLimit({ perUser: 3 })
  guardFirst() {
    return 'news';
  }

  @SseChannel('bare')
  @UseGuards(UserGuard, SseConnectionLimitGuard)
  bare() {
    return 'news';
  }

  @SseChannel('rooms/:id')
  @UseGuards(UserGuard)
  room(@Param('id', ParseIntPipe) id: number, @SseSignal() _signal: AbortSignal) {
    return [`room/${id}`, 'lobby'];
  }

  @SseChannel('slow')
  @UseGuards(UserGuard)
  async slow() {
    await new Promise(setImmediate);
    return 'news';
  }
}

@Controller('whole')
@UseGuards(UserGuard)
@SseConnectionLimit({ perUser: 2, perIp: 10 })
class LimitedAsAWholeController {
  @SseChannel()
  whole() {
    return 'news';
  }

  @SseChannel('own')
  @SseConnectionLimit({ perUser: 1 })
  own() {
    return 'news';
  }
}

/** Two modules may well have controllers of the same name. */
function controllerAt(path: string): Type {
  @Controller(path)
  class StreamController {
    @SseChannel()
    @SseConnectionLimit({ perUser: 1 })
    @UseGuards(UserGuard)
    stream() {
      return 'news';
    }
  }
  return StreamController;
}

const statuses = (streams: readonly SseStream[]): number[] =>
  streams.map(({ status }) => status).sort((a, b) => a - b);

const tenantOf = (req: { headers: Record<string, string> }): number => Number(req.headers['x-tenant']);

describe.each(adapters)('limits on %s', (adapter) => {
  let app: TestApp;
  afterEach(() => app.close());

  async function start(limits: SseModuleOptions['limits'] = {}, rest: SseModuleOptions = {}): Promise<void> {
    app = await startApp(adapter, {
      controllers: [LimitedController, LimitedAsAWholeController, controllerAt('x'), controllerAt('y')],
      sse: { retry: { ms: 2_500, jitter: 0 }, limits, ...rest },
    });
  }

  const open = (path: string, user = 'ann'): Promise<SseStream> => app.open(path, as(user));
  const from = (ip: string): Promise<SseStream> =>
    app.open('/rooms/1', { headers: { ...as('ann').headers, 'x-forwarded-for': ip } });
  const openAll = (count: number, path: string, user?: string): Promise<SseStream[]> =>
    Promise.all(Array.from({ length: count }, () => open(path, user)));

  /** Drops a stream, and resolves when the server knows. */
  async function drop(stream: SseStream | undefined): Promise<void> {
    const closed = nextClose(app);
    await stream?.abort();
    await closed;
  }

  it.each(['/limited', '/guard-first', '/bare'])('%s admits three streams of a user', async (path) => {
    await start();
    const streams = await openAll(3, path);
    expect(statuses(streams)).toEqual([200, 200, 200]);
    const answer = await request(app.url).get(path).set('x-user', 'ann').expect(429);
    expect(answer.headers).toMatchObject({ 'retry-after': '3' });
    expect(answer.body).toEqual({
      statusCode: 429,
      message: 'You have as many streams open as a user may (perUser); close one, or come back in 3 s.',
      code: 'LIMIT_EXCEEDED',
      limit: 'perUser',
    });
    expect((await open(path, 'bob')).status).toBe(200);
    await drop(streams[0]);
    expect((await open(path)).status).toBe(200);
    expect((await open(path)).status).toBe(429);
  });

  it('give a slot back when the server closes the stream', async () => {
    await start();
    const streams = await openAll(3, '/limited');
    await app.channels.disconnect({ connectionId: (await streams[0]?.connectionId()) ?? '' });
    await streams[0]?.ended;
    expect((await open('/limited')).status).toBe(200);
  });

  it('give a slot back when a later guard or pipe refuses the request', async () => {
    await start({ perUser: 1, perIp: 1 });
    for (let attempt = 0; attempt < 3; attempt += 1) {
      expect((await app.open('/guard-first')).status).toBe(401);
      expect((await open('/guard-first', 'blocked')).status).toBe(403);
      expect((await open('/rooms/one')).status).toBe(400);
    }
    expect((await open('/rooms/1')).status).toBe(200);
    expect((await open('/rooms/1')).status).toBe(429);
  });

  it.each(['/limited', '/guard-first'])(`hold ${PARALLEL} parallel opens of %s exactly`, async (path) => {
    await start();
    const streams = await openAll(PARALLEL, path);
    expect(statuses(streams)).toEqual([200, 200, 200, ...Array.from({ length: PARALLEL - 3 }, () => 429)]);
    expect(app.channels.stats().connections).toBe(3);
  });

  it('hold parallel opens of a channel exactly, although it is known only after the handler', async () => {
    await start({ perChannel: 3 });
    const streams = await openAll(20, '/slow');
    expect(statuses(streams)).toEqual([200, 200, 200, ...Array.from({ length: 17 }, () => 429)]);
  });

  it('of the module hold without the guard', async () => {
    await start({ perUser: 2 });
    expect(statuses(await openAll(3, '/rooms/1'))).toEqual([200, 200, 429]);
    // They are counted over all routes.
    expect((await open('/rooms/2')).status).toBe(429);
  });

  it('of a route go over those of the module, and count for themselves', async () => {
    await start({ perUser: 5 });
    expect(statuses(await openAll(4, '/limited'))).toEqual([200, 200, 200, 429]);
    expect(statuses(await openAll(2, '/other'))).toEqual([200, 429]);
    expect(statuses([await open('/x'), await open('/y'), await open('/y')])).toEqual([200, 200, 429]);
    expect(statuses(await openAll(6, '/rooms/1'))).toEqual([200, 200, 200, 200, 200, 429]);
  });

  it('of a controller hold for its routes, field by field', async () => {
    await start();
    expect(statuses(await openAll(3, '/whole'))).toEqual([200, 200, 429]);
    expect(statuses(await openAll(2, '/whole/own'))).toEqual([200, 429]);
    const users = Array.from({ length: 12 }, (_, index) => open('/whole/own', `user ${index}`));
    // Nine more of the ten that one address may have.
    expect(statuses(await Promise.all(users)).filter((status) => status === 200)).toHaveLength(9);
  });

  it('per address', async () => {
    await start({ perIp: 2 });
    const streams = await Promise.all([from('10.0.0.1'), from('10.0.0.1'), from('10.0.0.2')]);
    expect(statuses(streams)).toEqual([200, 200, 200]);
    expect((await from('10.0.0.1')).status).toBe(429);
    expect((await from('10.0.0.2')).status).toBe(200);
  });

  it('per channel, of which a stream may have several', async () => {
    await start({ perChannel: 2 });
    const [first] = [await open('/rooms/1'), await open('/rooms/2')];
    const answer = await request(app.url).get('/rooms/3').set('x-user', 'bob').expect(429);
    expect(answer.body).toMatchObject({ message: expect.stringContaining('perChannel') });
    expect(app.channels.stats()).toMatchObject({ connections: 2, channels: 3 });
    await drop(first);
    expect((await open('/rooms/3')).status).toBe(200);
  });

  it('in total, with 503', async () => {
    await start({ total: 2 });
    const streams = [await open('/rooms/1'), await open('/limited', 'bob')];
    const answer = await request(app.url).get('/rooms/1').set('x-user', 'carl').expect(503);
    expect(answer.headers).toMatchObject({ 'retry-after': '3' });
    expect(answer.body).toMatchObject({ statusCode: 503, message: expect.stringContaining('total') });
    await drop(streams[1]);
    expect((await open('/rooms/1', 'carl')).status).toBe(200);
  });

  it('of nothing refuse everybody', async () => {
    await start({ total: 0 });
    expect((await open('/rooms/1')).status).toBe(503);
  });

  it('of opens a minute', async () => {
    await start({ opensPerMinute: 2 });
    await drop(await open('/rooms/1'));
    await drop(await open('/limited'));
    const answer = await request(app.url).get('/rooms/1').set('x-user', 'ann').expect(429);
    const wait = Number(answer.headers['retry-after']);
    expect(answer.body).toMatchObject({
      message: `You may open no more streams this minute (opensPerMinute); come back in ${wait} s.`,
      code: 'LIMIT_EXCEEDED',
      limit: 'opensPerMinute',
    });
    expect(wait).toBeGreaterThan(50);
    expect(wait).toBeLessThanOrEqual(60);
    expect((await open('/rooms/1', 'bob')).status).toBe(200);
  });

  it('of opens a minute count an address where nobody is known yet', async () => {
    await start({ opensPerMinute: 2 });
    expect((await open('/guard-first', 'ann')).status).toBe(200);
    expect((await app.open('/guard-first')).status).toBe(401);
    expect((await open('/guard-first', 'bob')).status).toBe(429);
  });

  it('ask the application who somebody is', async () => {
    await start({ perUser: 1 }, { identify: tenantOf });
    const of = (tenant: string): Promise<SseStream> =>
      app.open('/rooms/1', { headers: { ...as(`member of ${tenant}`).headers, 'x-tenant': tenant } });
    expect((await of('7')).status).toBe(200);
    expect((await of('7')).status).toBe(429);
    expect((await of('8')).status).toBe(200);
    expect(app.channels.connections().map(({ userId }) => userId)).toEqual(['7', '8']);
  });

  it(`are untouched by ${ROUNDS * 3} streams that were dropped`, async () => {
    await start();
    for (let round = 0; round < ROUNDS; round += 1) {
      const streams = await openAll(3, '/limited');
      for (const stream of streams) {
        const closed = nextClose(app);
        await stream.abort({ reset: round % 2 === 0 });
        await closed;
      }
    }
    expect(app.channels.stats()).toMatchObject({ connections: 0, channels: 0, opens: ROUNDS * 3 });
    expect(statuses(await openAll(4, '/limited'))).toEqual([200, 200, 200, 429]);
  }, 60_000);
});
