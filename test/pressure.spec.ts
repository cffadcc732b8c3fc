import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { SseChannel } from '@nestcast/sse';
import { type SseStream, openSse } from '@nestcast/testing';
import { Controller, Param } from '@nestjs/common';
import request from 'supertest';
import { ChildApp, buildChild } from './support/child-app.js';
import { type TestApp, adapters, startApp } from './support/nest-app.js';

const BUILD_TIMEOUT = 120_000;

@Controller('stream')
class StreamController {
  static handled = 0;

  @SseChannel(':name')
  stream(@Param('name') name: string) {
    StreamController.handled += 1;
    return name;
  }
}

/** Blocks the event loop over and over, a turn between, until it is stopped. */
function keepBusy(ms: number): () => void {
  let busy = true;
  const block = (): void => {
    const until = performance.now() + ms;
    while (performance.now() < until);
    if (busy) {
      setImmediate(block);
    }
  };
  setImmediate(block);
  return () => {
    busy = false;
  };
}

/** Reads events until there are some more than there are now. */
async function readOn(stream: SseStream, more = 5): Promise<void> {
  for (const count = stream.received.length + more; stream.received.length < count;) {
    await stream.next();
  }
}

describe.each(adapters)('[L5] pressure on %s', (adapter) => {
  describe('of the event loop', () => {
    let app: TestApp;
    let stopBusy: (() => void) | undefined;
    afterEach(() => {
      stopBusy?.();
      return app.close();
    });

    const untilUnder = async (expected: boolean): Promise<void> => {
      const deadline = performance.now() + 5_000;
      while (app.channels.stats().pressure.under !== expected) {
        if (performance.now() > deadline) {
          throw new Error(`Not so in time: ${JSON.stringify(app.channels.stats().pressure)}`);
        }
        await turn();
      }
    };

    it('refuses new streams before their handler, while those that are open get their events', async () => {
      app = await startApp(adapter, {
        controllers: [StreamController],
        sse: { pressure: { eventLoopDelayMs: 10, sampleMs: 100 }, retry: { ms: 2_500, jitter: 0 } },
      });
      const stream = await app.open('/stream/news');
      await stream.connectionId();
      stopBusy = keepBusy(60);
      await untilUnder(true);
      const { handled } = StreamController;

      const answer = await request(app.url).get('/stream/news').expect(503);
      expect(answer.headers).toMatchObject({ 'retry-after': expect.stringMatching(/^[2-4]$/) });
      expect(answer.body).toMatchObject({
        message: 'The node has as much to do as it can take; come back in a moment.',
      });
      expect(StreamController.handled).toBe(handled);
      await app.channels.publish('news', { data: 'while it lasts' });
      expect(await stream.next()).toMatchObject({ data: 'while it lasts' });
      const { connections, pressure, refusals } = app.channels.stats();
      expect([connections, pressure.under, refusals.pressure]).toEqual([1, true, 1]);
      expect(pressure.eventLoopDelayMs).toBeGreaterThanOrEqual(10);

      stopBusy();
      await untilUnder(false);
      expect((await app.open('/stream/news')).status).toBe(200);
    }, 15_000);

    it('is not what a single pause of a second is', async () => {
      app = await startApp(adapter, {
        controllers: [StreamController],
        sse: { pressure: { eventLoopDelayMs: 100, sampleMs: 100 } },
      });
      const stream = await app.open('/stream/news');
      await stream.connectionId();
      const pressures: boolean[] = [];
      const seen = (): void => void pressures.push(app.channels.stats().pressure.under);
      keepBusy(1_000)();
      await turn();
      for (let step = 0; step < 30; step += 1) {
        await app.channels.publish('news', { data: step });
        await stream.next();
        seen();
        await new Promise((resolve) => {
          // What the monitor looks at: time that passes.
          setTimeout(resolve, 10);
        });
      }
      expect(pressures).not.toContain(true);
    });
  });

  describe('of the heap', () => {
    let file: string;
    let child: ChildApp | undefined;
    const streams: SseStream[] = [];
    beforeAll(async () => {
      file = await buildChild('heap-app');
    }, BUILD_TIMEOUT);
    afterEach(async () => {
      await Promise.all(streams.splice(0).map((stream) => stream.abort()));
      child?.kill();
    });

    const open = async (name: string): Promise<SseStream> => {
      const stream = await openSse(`${child?.url ?? ''}/stream/${name}`, { timeoutMs: 20_000 });
      streams.push(stream);
      return stream;
    };
    /** Opens one stream after the other until one gets this status. */
    const untilStatus = async (status: number): Promise<void> => {
      const deadline = performance.now() + 20_000;
      for (let stream = await open('late'); stream.status !== status; stream = await open('late')) {
        await stream.abort();
        if (performance.now() > deadline) {
          throw new Error(`Still ${stream.status}.`);
        }
      }
    };

    it('refuses new streams and sheds idle ones, while the busy go on, until memory is free again', async () => {
      child = await ChildApp.start(file, [adapter], ['--max-old-space-size=192', '--expose-gc']);
      const busy = await open('busy');
      const idle = await Promise.all([1, 2, 3, 4].map((number) => open(`idle-${number}`)));
      await readOn(busy, 50);
      expect(idle.map(({ status }) => status)).toEqual([200, 200, 200, 200]);

      child.tell('fill');
      const goodbyes = await Promise.all(idle.map((stream) => stream.control('sse:goodbye')));
      expect(goodbyes).toEqual(
        goodbyes.map(() => ({ reason: 'server', retryMs: expect.any(Number), limit: 'pressure' })),
      );
      expect(await Promise.all(idle.map((stream) => stream.ended))).toEqual(idle.map(() => 'end'));
      const refused = await open('late');
      expect([refused.status, refused.headers['retry-after']]).toEqual([
        503,
        expect.stringMatching(/^[2-4]$/),
      ]);
      await readOn(busy);

      child.tell('free');
      await untilStatus(200);
      await readOn(busy);
      child.tell('close');
      expect(await busy.control('sse:goodbye')).toMatchObject({ reason: 'drain' });
      expect(await child.exit).toBe(0);
    }, 60_000);
  });
});
