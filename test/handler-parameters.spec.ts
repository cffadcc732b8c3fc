import { once } from 'node:events';
import { afterEach, describe, expect, it } from '@jest/globals';
import { Connection, SseChannel, SseConnection, SseSignal } from '@nestcast/sse';
import { Controller, Get, SseSignal as NestSseSignal, ValidationPipe } from '@nestjs/common';
import request from 'supertest';
import { deferred } from './support/deferred.js';
import { type TestApp, adapters, startApp } from './support/nest-app.js';

/** What the handlers of one test were given. */
class Seen {
  signal: AbortSignal | undefined;
  connection: Connection | undefined;
  readonly running = deferred();
  readonly finish = deferred<string>();
}

let seen = new Seen();

@Controller()
class HandlerController {
  @SseChannel('connection')
  connection(@SseConnection() connection: Connection) {
    seen.connection = connection;
    connection.send({ type: 'welcome', data: connection.state });
    return 'news';
  }

  @SseChannel('signal')
  signal(@SseSignal() signal: AbortSignal) {
    seen.signal = signal;
    return 'news';
  }

  @SseChannel('nest-signal')
  nestSignal(@NestSseSignal() signal: AbortSignal) {
    seen.signal = signal;
    return 'news';
  }

  @SseChannel('slow')
  slow(@SseSignal() signal: AbortSignal, @SseConnection() connection: Connection): Promise<string> {
    seen.signal = signal;
    seen.connection = connection;
    seen.running.resolve();
    return seen.finish.promise;
  }

  @Get('ordinary')
  ordinary(@SseConnection() connection: Connection) {
    return connection.id;
  }
}

describe.each(adapters)('the parameters of a handler on %s', (adapter) => {
  let app: TestApp;
  afterEach(() => app.close());

  async function start(): Promise<void> {
    seen = new Seen();
    app = await startApp(adapter, {
      controllers: [HandlerController],
      sse: { limits: { total: 1 } },
      configure: (nest) => {
        nest.useGlobalPipes(new ValidationPipe({ transform: true, whitelist: true }));
      },
    });
  }

  it('@SseConnection() is the connection that opens, and what it is sent goes out with the first bytes', async () => {
    await start();
    const stream = await app.open('/connection');
    expect(seen.connection).toBeInstanceOf(Connection);
    expect(await stream.connectionId()).toBe(seen.connection?.id);
    expect(await stream.next()).toMatchObject({ type: 'welcome', data: 'opening' });
    await app.channels.publish('news', { data: 'later' });
    expect(await stream.next()).toMatchObject({ data: 'later' });
    expect(seen.connection?.state).toBe('live');
  });

  it.each(['/signal', '/nest-signal'])(
    '@SseSignal() is aborted when the stream is over: %s',
    async (path) => {
      await start();
      const stream = await app.open(path);
      expect(seen.signal?.aborted).toBe(false);
      await app.channels.disconnect({ channel: 'news' });
      expect(seen.signal?.aborted).toBe(true);
      await stream.ended;
    },
  );

  it('@SseSignal() is aborted when the client leaves while the handler runs, and nothing is left of it', async () => {
    await start();
    const leaving = new AbortController();
    const refused = expect(app.open('/slow', { signal: leaving.signal })).rejects.toThrow('No response');
    await seen.running.promise;
    const { signal } = seen;
    expect(signal?.aborted).toBe(false);
    expect(app.channels.stats()).toMatchObject({ connections: 1, opens: 0 });
    leaving.abort();
    await once(signal as AbortSignal, 'abort');
    await refused;
    // Whatever the handler comes to now, nobody is subscribed and the only slot is free.
    seen.finish.resolve('news');
    const next = await app.open('/signal');
    expect(next.status).toBe(200);
    await next.connectionId();
    expect(app.channels.stats()).toMatchObject({ connections: 1, opens: 1, channels: 1 });
    expect(await app.channels.presence('news')).toEqual([{ userId: undefined, connections: 1 }]);
    expect(app.logger.errors).toEqual([]);
  });

  it('a handler that fails after its client has left disturbs nobody', async () => {
    await start();
    const leaving = new AbortController();
    const refused = expect(app.open('/slow', { signal: leaving.signal })).rejects.toThrow('No response');
    await seen.running.promise;
    leaving.abort();
    await once(seen.signal as AbortSignal, 'abort');
    await refused;
    seen.finish.reject(new Error('too late'));
    expect((await app.open('/signal')).status).toBe(200);
    expect(app.logger.errors).toEqual([]);
  });

  const answers: [what: string, close: (connection: Connection) => void, status: number][] = [
    ['disconnected', (connection) => connection.close(), 503],
    ['revoked', ({ id }) => void app.channels.disconnect({ connectionId: id }, 'revoked'), 403],
    ['expired', (connection) => connection.expireAt(Date.now() - 1_000), 401],
    ['completed', (connection) => connection.close('complete'), 204],
  ];
  it.each(answers)(
    'a connection %s while its handler runs is answered with a status',
    async (_, close, status) => {
      await start();
      const answer = app.open('/slow');
      await seen.running.promise;
      close(seen.connection as Connection);
      expect((await answer).status).toBe(status);
      seen.finish.resolve('news');
      expect(await (await answer).ended).toBe('end');
      expect(app.channels.stats()).toMatchObject({ connections: 0, channels: 0, opens: 0 });
      expect((await app.open('/signal')).status).toBe(200);
    },
  );

  it('they say where they belong', async () => {
    await start();
    await request(app.url).get('/ordinary').expect(500);
    expect(app.logger.errors).toEqual([expect.stringContaining('@SseChannel()')]);
  });
});
