import { afterEach, describe, expect, it } from '@jest/globals';
import {
  type CloseReason,
  type Connection,
  type LifecycleEvent,
  SseChannel,
  SseConnection,
  type SseEvent,
  type SseModuleOptions,
} from '@nestcast/sse';
import { Controller } from '@nestjs/common';
import { Subject } from 'rxjs';
import { nextClose } from './support/lifecycle.js';
import { type TestApp, adapters, startApp } from './support/nest-app.js';

let source = new Subject<SseEvent>();

@Controller()
class StreamController {
  @SseChannel('news')
  news() {
    return 'news';
  }

  @SseChannel('both')
  both() {
    return ['news', 'sports'];
  }

  @SseChannel('private')
  private() {
    return source;
  }

  @SseChannel('expiring')
  expiring(@SseConnection() connection: Connection) {
    connection.expireAt(new Date(Date.now() + 50));
    return 'news';
  }
}

interface Ending {
  readonly path: string;
  readonly sse?: SseModuleOptions;
  /** What ends the stream; nothing: time. */
  readonly end?: (app: TestApp) => unknown;
}

/** One way for a stream to come to each of its ends that the client is told. */
const endings: Record<Exclude<CloseReason, 'client' | 'overflow' | 'drain' | 'answered'>, Ending> = {
  server: { path: '/news', end: ({ channels }) => channels.disconnect({ channel: 'news' }) },
  revoked: { path: '/news', end: ({ channels }) => channels.unsubscribe({ channel: 'news' }, 'news') },
  expired: { path: '/expiring' },
  'max-age': { path: '/news', sse: { maxConnectionAge: { ms: 50, jitter: 0 } } },
  complete: { path: '/private', end: () => source.complete() },
  error: { path: '/private', end: () => source.error(new Error('source failed')) },
};

describe.each(adapters)('[S2] the life of a connection on %s', (adapter) => {
  let app: TestApp;
  let seen: LifecycleEvent[];
  afterEach(() => app.close());

  async function start(sse: SseModuleOptions = {}): Promise<void> {
    source = new Subject();
    seen = [];
    app = await startApp(adapter, { controllers: [StreamController], sse });
    app.channels.lifecycle$.subscribe((event) => seen.push(event));
  }

  /** Holds what was seen of the one connection against one open and one close with this reason. */
  function expectOneClose(reason: CloseReason): void {
    const [connection] = seen.map((event) => event.connection);
    expect(seen.map(({ kind }) => kind)).toEqual(['open', 'close']);
    // The same one, not its equal: a connection leads to everything there is, which takes long to compare.
    expect(seen[1]?.connection).toBe(connection);
    expect(seen[1]).toHaveProperty('reason', reason);
    expect(app.logger.closes).toMatchObject([{ event: 'sse.close', connectionId: connection?.id, reason }]);
    expect(connection).toMatchObject({ closed: true, closeReason: reason, state: 'closed' });
    const { closes, connections, opens, channels } = app.channels.stats();
    expect(closes).toEqual({ ...none, [reason]: 1 });
    expect({ connections, opens, channels }).toEqual({ connections: 0, opens: 1, channels: 0 });
  }

  it.each(Object.entries(endings))('ends once: %s', async (reason, { path, sse, end }) => {
    await start(sse);
    const closed = nextClose(app);
    const stream = await app.open(path);
    await stream.connectionId();
    await end?.(app);
    expect(await closed).toBe(reason);
    expect(await stream.control('sse:goodbye')).toEqual({ reason });
    expect(await stream.ended).toBe('end');
    expectOneClose(reason as CloseReason);
    expect(app.logger.errors).toEqual(reason === 'error' ? [expect.stringContaining('source failed')] : []);
  });

  it.each([false, true])('ends once: client (reset: %s)', async (reset) => {
    await start();
    const closed = nextClose(app);
    const stream = await app.open('/both');
    await stream.connectionId();
    await stream.abort({ reset });
    expect(await closed).toBe('client');
    expectOneClose('client');
  });

  it.each([
    ['/news', 'disconnect'],
    ['/private', 'disconnect'],
    // It has no log to catch up from.
    ['/private', 'catch-up'],
  ] as const)('ends once: overflow of %s (%s)', async (path, policy) => {
    await start({ overflow: { policy, maxBufferedBytes: 128 * 1024 } });
    const closed = nextClose(app);
    const stream = await app.open(path);
    await stream.connectionId();
    stream.pause();
    const event = { data: 'x'.repeat(64 * 1024) };
    for (let sent = 0; sent < 1_000 && app.channels.stats().connections > 0; sent += 1) {
      source.next(event);
      await app.channels.publish('news', event);
      await new Promise(setImmediate);
    }
    expect(await closed).toBe('overflow');
    expectOneClose('overflow');
    stream.resume();
    expect(await stream.control('sse:goodbye')).toEqual({ reason: 'overflow' });
  });

  it('ends once: drain', async () => {
    await start();
    const stream = await app.open('/both');
    await stream.connectionId();
    await app.app.close();
    expect(await stream.control('sse:goodbye')).toMatchObject({
      reason: 'drain',
      retryMs: expect.any(Number),
    });
    expect(await stream.ended).toBe('end');
    expectOneClose('drain');
  });

  it('has the first of reasons that come together', async () => {
    await start();
    const stream = await app.open('/both');
    const id = await stream.connectionId();
    const [connection] = app.channels.connections();
    connection?.close('complete');
    connection?.close('server');
    connection?.expireAt(0);
    expect(await app.channels.disconnect({ connectionId: id })).toBe(0);
    expect(await app.channels.unsubscribe({ connectionId: id }, 'news')).toBe(0);
    connection?.send({ data: 'nobody hears' });
    expect(await stream.ended).toBe('end');
    await app.app.close();
    expectOneClose('complete');
    expect(stream.received.filter(({ type }) => type === 'sse:goodbye')).toHaveLength(1);
    expect(stream.received.some(({ data }) => data === 'nobody hears')).toBe(false);
  });

  it('has one of two that race', async () => {
    await start();
    const stream = await app.open('/both');
    const id = await stream.connectionId();
    const closed = nextClose(app);
    await Promise.all([
      app.channels.disconnect({ connectionId: id }),
      app.channels.disconnect({ channel: 'news' }, 'revoked'),
      app.channels.unsubscribe({ channel: 'sports' }, 'sports'),
      stream.abort(),
    ]);
    expectOneClose(await closed);
  });
});

const none: Record<CloseReason, number> = {
  client: 0,
  server: 0,
  drain: 0,
  expired: 0,
  'max-age': 0,
  overflow: 0,
  revoked: 0,
  complete: 0,
  answered: 0,
  error: 0,
};
