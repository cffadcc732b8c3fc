import { EventEmitter, once } from 'node:events';
import { connect } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, describe, expect, it } from '@jest/globals';
import { Hub, type NodeLeases, SseError } from '@nestcast/hub';
import {
  type LimitOptions,
  type LimitPolicy,
  type Refusal,
  SseChannel,
  SseConnectionLimit,
  type SseModuleOptions,
} from '@nestcast/sse';
import type { SseRequestOptions, SseStream } from '@nestcast/testing';
import { Controller, UseGuards } from '@nestjs/common';
import { deferred } from './support/deferred.js';
import { LateLeases } from './support/late-leases.js';
import { type TestApp, adapters, startApp } from './support/nest-app.js';
import { until } from './support/until.js';
import { UserGuard, as } from './support/user.guard.js';

const PARALLEL = 100;
const ABORTS = 1_000;

@Controller()
class StreamController {
  handled = 0;

  @SseChannel('news')
  @UseGuards(UserGuard)
  news() {
    this.handled += 1;
    return 'news';
  }

  // Nest runs the guards of the lower decorator first.
  @SseChannel('guarded')
  @SseConnectionLimit()
  @UseGuards(UserGuard)
  guarded() {
    this.handled += 1;
    return 'news';
  }
}

function openSockets(): number {
  return process.getActiveResourcesInfo().filter((kind) => kind === 'TCPSocketWrap').length;
}

/** Lets no answer of the store through, and counts what it is asked from here on. */
function holdUp(store: LateLeases) {
  const gate = deferred();
  store.gate = gate.promise;
  const before = store.asked;
  return { gate, asked: () => store.asked - before };
}

const policies: LimitPolicy[] = ['reject-new', 'evict-oldest'];
const ways: Refusal[] = ['status', 'stream', 'stop'];
const paths = ['/guarded', '/news'];
const perStore = [false, true].flatMap((late) => policies.map((policy) => [policy, late] as const));

describe.each(adapters)('leases on %s', (adapter) => {
  let app: TestApp;
  let store: LateLeases | undefined;
  afterEach(() => app.close());

  async function start(limits: LimitOptions, late: boolean, rest: SseModuleOptions = {}): Promise<void> {
    store = late ? new LateLeases() : undefined;
    app = await startApp(adapter, {
      controllers: [StreamController],
      sse: { limits, ...(store && { broker: store.broker }), ...rest },
    });
  }

  const open = (path = '/guarded', options: SseRequestOptions = {}): Promise<SseStream> =>
    app.open(path, { ...as('ann'), ...options });
  const taken = (): number => (store ?? (app.app.get(Hub).leases as NodeLeases)).size;

  const everyWay = perStore.flatMap(([policy, late], index) =>
    paths.map((path, other) => [path, policy, ways[(index + other) % 3] as Refusal, late] as const),
  );

  it.each(everyWay)(
    `let in exactly 3 of ${PARALLEL} parallel opens of %s with %s and %s (late: %s)`,
    async (path, policy, refusal, late) => {
      await start({ perUser: 3, policy, refusal }, late);
      const streams = await Promise.all(Array.from({ length: PARALLEL }, () => open(path)));
      const { connections, opens, closes, refusals } = app.channels.stats();
      expect(connections).toBe(3);
      // Each has been let in, or refused, once; who was let in is there, or has made room.
      expect(opens + refusals.perUser).toBe(PARALLEL);
      expect(opens - closes.server).toBe(3);
      if (policy === 'reject-new') {
        expect(closes.server).toBe(0);
      }
      const status = { status: 429, stream: 200, stop: 204 }[refusal];
      const others = streams.filter((stream) => stream.status !== 200);
      expect(others.every((stream) => stream.status === status)).toBe(true);
      expect(taken()).toBe(2);
      expect(await app.channels.disconnect({ userId: 'ann' })).toBe(3);
      await until(() => taken() === 0);
    },
  );

  it.each(perStore)(
    `of ${ABORTS} clients that come and go, at once or later, hold nothing with %s (late: %s)`,
    async (policy, late) => {
      await start({ perUser: 5, perIp: 5, perChannel: 5, policy }, late);
      const arrivals = new EventEmitter();
      arrivals.setMaxListeners(ABORTS);
      app.app.getHttpServer().on('request', ({ url }: { url: string }) => arrivals.emit(url));
      for (let done = 0; done < ABORTS; done += 50) {
        const clients = Array.from({ length: 50 }, (_, index) => comeAndGo(arrivals, done + index));
        await Promise.all(clients);
      }
      await until(() => taken() === 0 && app.channels.connections().length === 0);
      const streams = await Promise.all(Array.from({ length: 6 }, () => open()));
      expect(streams.filter(({ status }) => status === 200).length).toBeGreaterThanOrEqual(5);
      expect(app.channels.stats().connections).toBe(5);
    },
    60_000,
  );

  /** Sends a request, and resets its socket a few turns after it has arrived, or when it has its answer. */
  async function comeAndGo(arrivals: EventEmitter, number: number): Promise<void> {
    const url = `${paths[number % 2]}?${number}`;
    const arrived = once(arrivals, url);
    const socket = connect(app.port, '127.0.0.1');
    socket.write(`GET ${url} HTTP/1.1\r\nHost: localhost\r\nX-User: ann\r\n\r\n`);
    const answered = once(socket, 'data');
    await arrived;
    for (let turns = number % 5; turns > 0; turns -= 1) {
      await turn();
    }
    if (number % 5 === 4) {
      await answered;
    }
    socket.resetAndDestroy();
  }

  describe('of a store that takes its time', () => {
    it('come back when the client has gone meanwhile, whose handler does not run', async () => {
      await start({ perUser: 1 }, true);
      const { gate, asked } = holdUp(store as LateLeases);
      const requests = [0, 1].map(() => new AbortController());
      const answers = requests.map(({ signal }, index) =>
        app.open(paths[index] ?? '', { ...as(`user ${index}`), signal }).catch((error: unknown) => error),
      );
      await until(() => asked() === 2 && taken() > 0);
      const sockets = openSockets();
      requests.forEach((each) => each.abort());
      expect(await Promise.all(answers)).toEqual([expect.any(Error), expect.any(Error)]);
      // Both ends of each.
      await until(() => openSockets() === sockets - 4);
      gate.resolve();
      await until(() => taken() === 0);
      expect(app.app.get(StreamController).handled).toBe(0);
      expect(app.channels.stats()).toMatchObject({ connections: 0, opens: 0 });
    });

    it('are taken from nobody for a client that has gone meanwhile', async () => {
      await start({ perUser: 1, opensPerMinute: 9, policy: 'evict-oldest' }, true);
      await (await open('/news')).connectionId();
      const { gate, asked } = holdUp(store as LateLeases);
      const request = new AbortController();
      const answer = app.open('/news', { ...as('ann'), signal: request.signal }).catch(() => 'none');
      await until(() => asked() === 1);
      const sockets = openSockets();
      request.abort();
      expect(await answer).toBe('none');
      await until(() => openSockets() === sockets - 2);
      gate.resolve();
      // It is asked for no other's place, or has its answer by then.
      await until(() => asked() === 2);
      expect((await open('/news', { lastEventId: 'here before' })).status).toBe(429);
      expect(app.channels.stats()).toMatchObject({ connections: 1, closes: { server: 0 } });
    });

    it('come back when the node has begun to drain meanwhile', async () => {
      await start({ perUser: 1 }, true);
      const { gate, asked } = holdUp(store as LateLeases);
      const answer = open('/news');
      await until(() => asked() === 1);
      const drained = app.app.get(Hub).drain();
      gate.resolve();
      expect((await answer).status).toBe(503);
      await drained;
      await until(() => taken() === 0);
      expect(app.channels.stats().refusals).toMatchObject({ drain: 1, perUser: 0 });
    });

    it.each(paths)('let nobody in to %s whose right has been taken back meanwhile', async (path) => {
      await start({ perUser: 1 }, true);
      const { gate, asked } = holdUp(store as LateLeases);
      const answer = open(path);
      await until(() => asked() === 1);
      expect(await app.channels.disconnect({ userId: 'ann' }, 'revoked')).toBe(0);
      gate.resolve();
      expect((await answer).status).toBe(403);
      await until(() => taken() === 0);
      expect((await open(path)).status).toBe(200);
    });

    it.each([
      ['a typed error', new SseError('BROKER_UNAVAILABLE', 'The store is away.')],
      ['any other', new Error('ECONNREFUSED')],
    ])('refuse with 503 when it fails with %s', async (_what, failure) => {
      await start({ total: undefined, opensPerMinute: 5, refusal: 'stream' }, true);
      const leases = store as LateLeases;
      leases.failure = failure;
      for (const path of paths) {
        const refused = await open(path);
        expect([refused.status, refused.headers['retry-after']]).toEqual([503, '3']);
        expect(await refused.body()).not.toContain('ECONNREFUSED');
      }
      leases.failure = undefined;
      expect((await open('/news')).status).toBe(200);
      expect(app.app.get(StreamController).handled).toBe(1);
    });

    it('refuse with 503 when it fails at the channels', async () => {
      await start({ total: undefined, perChannel: 5 }, true);
      const leases = store as LateLeases;
      leases.failure = new Error('ECONNREFUSED');
      expect((await open('/news')).status).toBe(503);
      leases.failure = undefined;
      expect((await open('/news')).status).toBe(200);
      expect(app.channels.connections()).toHaveLength(1);
    });
  });
});
