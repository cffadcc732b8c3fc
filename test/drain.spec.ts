import type { Server } from 'node:http';
import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, describe, expect, it } from '@jest/globals';
import { TimerWheel } from '@nestcast/hub';
import { SseChannel, SseJobs } from '@nestcast/sse';
import { type RawExchange, ResumingClient, rawRequest } from '@nestcast/testing';
import { Controller } from '@nestjs/common';
import { MuteBroker } from './support/mute-broker.js';
import { type AppSetup, type TestApp, adapters, startApp } from './support/nest-app.js';

const STREAM = 'GET /stream HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n\r\n';
const MANY = 500;
const RETURNING = 200;
/** How long a busy machine may take with many clients. */
const LONG_TEST_MS = 30_000;

@Controller('stream')
class StreamController {
  @SseChannel()
  stream() {
    return ['a'];
  }

  @SseChannel('other')
  other() {
    return ['b'];
  }
}

describe.each(adapters)('a drain on %s', (adapter) => {
  let app: TestApp;
  let exchanges: RawExchange[] = [];
  let clients: ResumingClient[] = [];

  const start = async (setup: AppSetup = {}): Promise<void> => {
    app = await startApp(adapter, { controllers: [StreamController], ...setup });
  };
  afterEach(async () => {
    await Promise.all(clients.map((client) => client.close()));
    exchanges.forEach((exchange) => exchange.destroy());
    [clients, exchanges] = [[], []];
    await app.close();
  });

  it('[S1] is over within a second with a broker that answers nothing, jobs, and clients that do not read', async () => {
    const broker = new MuteBroker();
    await start({
      sse: {
        broker: broker.factory,
        overflow: { maxBufferedBytes: 64 * 1024 },
        channels: { a: { batch: { windowMs: 10 } } },
      },
    });
    const [reads] = await Promise.all([app.open('/stream'), stall(3)]);
    await reads.control('sse:connected');
    broker.muted = true;
    const unanswered = app.channels.publish('a', { data: 'nobody takes it' });
    void app.app.get(SseJobs).start('job', async function* () {
      yield { data: 'never taken' };
    });
    // Its channel can't be subscribed to: a request that has no answer yet.
    const open = app.channels.connections().length;
    const opening = rawRequest({ port: app.port, text: STREAM.replace('/stream', '/stream/other') });
    exchanges.push(opening);
    while (app.channels.connections().length === open) {
      await turn();
    }

    expect(await closingTime()).toBeLessThan(1_000);

    expect(await reads.control('sse:goodbye')).toMatchObject({ reason: 'drain' });
    await Promise.all(exchanges.map((exchange) => exchange.closed));
    expect(await leftOver()).toEqual({ connections: 0, tasks: 0, sockets: 0 });
    expect(opening.text).toMatch(/^HTTP\/1.1 503 /);
    expect(app.logger.errors.join('\n')).toMatch(/ending the jobs: It took too long/);
    expect(app.logger.errors.join('\n')).toMatch(/closing the broker: It took too long/);
    expect(await Promise.race([unanswered, turn('still waiting')])).toBe('still waiting');
  });

  it(
    `[S1] is over within a second with ${MANY} clients, each told goodbye`,
    async () => {
      await start();
      for (let count = 0; count < MANY; count += 1) {
        exchanges.push(rawRequest({ port: app.port, text: STREAM }));
      }
      await Promise.all(exchanges.map((exchange) => exchange.readUntil('sse:connected', LONG_TEST_MS)));
      await app.channels.publish('a', { data: 'the last' });

      expect(await closingTime()).toBeLessThan(1_000);

      await Promise.all(exchanges.map((exchange) => exchange.closed));
      const told = exchanges.filter(({ text }) => /data: the last[^]*sse:goodbye[^]*"drain"/.test(text));
      expect(told).toHaveLength(MANY);
      expect(await leftOver()).toEqual({ connections: 0, tasks: 0, sockets: 0 });
    },
    LONG_TEST_MS,
  );

  it(
    `[S1] a restart brings ${RETURNING} clients back, never a quarter of them in the same half second`,
    async () => {
      await start();
      clients = Array.from(
        { length: RETURNING },
        () => new ResumingClient(`${app.url}/stream`, { heedRetry: true, timeoutMs: LONG_TEST_MS }),
      );
      await Promise.all(clients.map((client) => client.connected()));
      await app.app.close();
      await start({ port: app.port });
      const backAt: number[] = [];
      app.channels.lifecycle$.subscribe(({ kind }) => kind === 'open' && backAt.push(performance.now()));
      await Promise.all(clients.map((client) => client.until(({ reconnects }) => reconnects > 0)));

      expect(backAt).toHaveLength(RETURNING);
      expect(mostWithin(500, backAt)).toBeLessThanOrEqual(RETURNING / 4);
      // The log was in memory: what they missed is told.
      await Promise.all(clients.map((client) => client.until(({ gaps }) => gaps.length > 0)));
      await app.channels.publish('a', { data: 'after' });
      await Promise.all(clients.map((client) => client.until(({ events }) => events.length > 0)));
      expect(clients.flatMap(({ events }) => events.map(({ data }) => data))).toEqual(
        clients.map(() => 'after'),
      );
    },
    LONG_TEST_MS,
  );

  /** Opens streams whose clients stop reading, and publishes until the node has noticed. */
  async function stall(count: number): Promise<void> {
    for (let index = 0; index < count; index += 1) {
      const stream = await app.open('/stream');
      await stream.control('sse:connected');
      stream.pause();
    }
    while (app.channels.stats().lagging < count) {
      await app.channels.publish('a', { data: 'x'.repeat(256 * 1024) });
      await turn();
    }
  }

  async function closingTime(): Promise<number> {
    const began = performance.now();
    await app.app.close();
    return performance.now() - began;
  }

  async function leftOver() {
    const server = app.app.getHttpServer() as Server;
    const sockets = await new Promise<number>((resolve, reject) => {
      server.getConnections((error, count) => (error ? reject(error) : resolve(count)));
    });
    const { connections } = app.channels.stats();
    return { connections, tasks: app.app.get(TimerWheel).pending, sockets };
  }
});

/** The most of these moments that lie within one span of this length. */
function mostWithin(spanMs: number, moments: readonly number[]): number {
  return Math.max(...moments.map((from) => moments.filter((at) => at >= from && at < from + spanMs).length));
}
