import { afterEach, describe, expect, it } from '@jest/globals';
import {
  SseChannel,
  SseCompressionInterceptor,
  SseHeartbeat,
  SseHeartbeatInterceptor,
  SseRetry,
  SseRetryInterceptor,
} from '@nestcast/sse';
import type { Frame, SseStream } from '@nestcast/testing';
import { Controller, UseInterceptors } from '@nestjs/common';
import { APP_INTERCEPTOR } from '@nestjs/core';
import { type TestApp, adapters, startApp } from './support/nest-app.js';

@Controller()
class NewsController {
  @SseChannel('news')
  news() {
    return 'news';
  }

  @SseHeartbeat({ intervalMs: 0 })
  @SseChannel('never')
  never() {
    return 'news';
  }

  @SseHeartbeat({ visible: false })
  @SseChannel('comments')
  comments() {
    return 'news';
  }

  @SseChannel('visible')
  @SseHeartbeat({ visible: true, intervalMs: undefined })
  visible() {
    return 'news';
  }

  @SseRetry({ ms: 5_000 })
  @SseChannel('later')
  later() {
    return 'news';
  }

  @SseRetry({ jitter: 0.5 })
  @SseChannel('spread')
  spread() {
    return 'news';
  }

  @UseInterceptors(SseCompressionInterceptor, SseHeartbeatInterceptor, SseRetryInterceptor)
  @SseChannel('zipped')
  zipped() {
    return 'news';
  }
}

@SseRetry({ ms: 7_000 })
@SseHeartbeat({ intervalMs: 50 })
@UseInterceptors(SseCompressionInterceptor)
@Controller('all')
class ControllerOfAll {
  @SseChannel()
  all() {
    return 'news';
  }

  @SseRetry({ jitter: 0 })
  @SseChannel('own')
  own() {
    return 'news';
  }
}

/** Reads up to the next comment. */
async function nextComment(stream: SseStream): Promise<Frame> {
  for (;;) {
    const frame = await stream.nextFrame();
    if (frame.comment !== undefined) {
      return frame;
    }
  }
}

const hintOf = (stream: SseStream): number => {
  const match = /^retry: (\d+)\n\n$/.exec(stream.frames[0]?.text ?? '');
  return Number(match?.[1]);
};

/** The hints that this many connections to a route get. */
async function hints(app: TestApp, path: string, count: number): Promise<number[]> {
  const streams = await Promise.all(Array.from({ length: count }, () => app.open(path)));
  await Promise.all(streams.map((stream) => stream.connectionId()));
  return streams.map(hintOf);
}

describe.each(adapters)('the interceptors on %s', (adapter) => {
  let app: TestApp;
  afterEach(() => app.close());

  describe('of the heartbeat', () => {
    it('show a comment on a quiet stream at the interval', async () => {
      app = await startApp(adapter, {
        controllers: [NewsController],
        sse: { heartbeat: { intervalMs: 100 } },
      });
      const stream = await app.open('/news');
      const opened = performance.now();
      for (let beat = 1; beat <= 3; beat += 1) {
        expect((await nextComment(stream)).text).toBe(': heartbeat\n\n');
        const after = performance.now() - opened;
        // Never early, but for what the answer itself was under way; late by a tick of the clock each time.
        expect(after).toBeGreaterThan(beat * 100 - 25);
        expect(after).toBeLessThan(beat * 100 + 400);
      }
      expect(stream.received).toHaveLength(1);
    });

    it('show nothing on a busy one', async () => {
      const intervalMs = 250;
      app = await startApp(adapter, { controllers: [NewsController], sse: { heartbeat: { intervalMs } } });
      const stream = await app.open('/news');
      await stream.connectionId();
      const until = performance.now() + 3 * intervalMs;
      let published = 0;
      while (performance.now() < until) {
        published += 1;
        await app.channels.publish('news', { data: published });
        await stream.next();
      }
      expect(stream.frames.filter(({ comment }) => comment !== undefined)).toEqual([]);
      // Quiet again: it was the events that kept it from beating.
      expect((await nextComment(stream)).comment).toBe('heartbeat');
    });

    it('show the event sse:heartbeat where it is visible', async () => {
      app = await startApp(adapter, {
        controllers: [NewsController],
        sse: { heartbeat: { intervalMs: 60 } },
      });
      const stream = await app.open('/visible');
      const before = Date.now();
      for (let beat = 0; beat < 2; beat += 1) {
        const { at } = (await stream.control('sse:heartbeat')) as { at: number };
        expect(at).toBeGreaterThanOrEqual(before);
        expect(at).toBeLessThanOrEqual(Date.now() + 1);
      }
      expect(stream.frames.filter(({ comment }) => comment !== undefined)).toEqual([]);
    });

    it('take what a route leaves out from the module', async () => {
      app = await startApp(adapter, {
        controllers: [NewsController],
        sse: { heartbeat: { intervalMs: 60, visible: true } },
      });
      const [never, comments, news] = await Promise.all(
        ['/never', '/comments', '/news'].map((path) => app.open(path)),
      );
      for (let beat = 0; beat < 3; beat += 1) {
        await news?.control('sse:heartbeat');
        expect(await nextComment(comments as SseStream)).toMatchObject({ comment: 'heartbeat' });
      }
      expect(comments?.received).toHaveLength(1);
      expect(never?.frames).toHaveLength(3);
    });
  });

  describe('of the retry hint', () => {
    it('put it first, each connection its own within the jitter', async () => {
      app = await startApp(adapter, {
        controllers: [NewsController],
        sse: { retry: { ms: 1_000, jitter: 0.2 } },
      });
      const all = await hints(app, '/news', 30);
      expect(Math.min(...all)).toBeGreaterThanOrEqual(800);
      expect(Math.max(...all)).toBeLessThanOrEqual(1_200);
      expect(new Set(all).size).toBeGreaterThan(5);
    });

    it('take what a route leaves out from the module', async () => {
      app = await startApp(adapter, {
        controllers: [NewsController],
        sse: { retry: { ms: 1_000, jitter: 0 } },
      });
      expect(await hints(app, '/news', 2)).toEqual([1_000, 1_000]);
      expect(await hints(app, '/later', 2)).toEqual([5_000, 5_000]);
      const spread = await hints(app, '/spread', 30);
      expect(Math.min(...spread)).toBeGreaterThanOrEqual(500);
      expect(Math.max(...spread)).toBeLessThanOrEqual(1_500);
      expect(Math.max(...spread) - Math.min(...spread)).toBeGreaterThan(100);
    });

    it('have defaults where nobody says anything', async () => {
      app = await startApp(adapter, { controllers: [NewsController] });
      const all = await hints(app, '/news', 30);
      expect(Math.min(...all)).toBeGreaterThanOrEqual(2_100);
      expect(Math.max(...all)).toBeLessThanOrEqual(3_900);
      expect(new Set(all).size).toBeGreaterThan(5);
    });
  });

  describe('used alone', () => {
    const gzip = { headers: { 'accept-encoding': 'gzip' } };

    it('work on a method', async () => {
      app = await startApp(adapter, {
        controllers: [NewsController],
        sse: { retry: { ms: 900, jitter: 0 }, heartbeat: { intervalMs: 60 } },
      });
      const zipped = await app.open('/zipped', gzip);
      expect(zipped.headers['content-encoding']).toBe('gzip');
      expect((await nextComment(zipped)).comment).toBe('heartbeat');
      expect(hintOf(zipped)).toBe(900);
      expect((await app.open('/news', gzip)).headers['content-encoding']).toBeUndefined();
    });

    it("work on a controller, under a method's own options, field by field", async () => {
      app = await startApp(adapter, {
        controllers: [ControllerOfAll],
        sse: { retry: { ms: 1_000, jitter: 0.1 } },
      });
      const stream = await app.open('/all', gzip);
      expect(stream.headers['content-encoding']).toBe('gzip');
      expect((await nextComment(stream)).comment).toBe('heartbeat');
      expect(Math.abs(hintOf(stream) - 7_000)).toBeLessThanOrEqual(700);
      expect(await hints(app, '/all/own', 3)).toEqual([7_000, 7_000, 7_000]);
    });

    it('work globally', async () => {
      app = await startApp(adapter, {
        controllers: [NewsController],
        providers: [
          { provide: APP_INTERCEPTOR, useClass: SseCompressionInterceptor },
          { provide: APP_INTERCEPTOR, useClass: SseRetryInterceptor },
          { provide: APP_INTERCEPTOR, useClass: SseHeartbeatInterceptor },
        ],
        sse: { heartbeat: { intervalMs: 60 }, retry: { ms: 500, jitter: 0 } },
      });
      const stream = await app.open('/news', gzip);
      expect(stream.headers['content-encoding']).toBe('gzip');
      expect((await nextComment(stream)).comment).toBe('heartbeat');
      const visible = await app.open('/visible');
      expect(await visible.control('sse:heartbeat')).toEqual({ at: expect.any(Number) });
      const later = await app.open('/later', gzip);
      await later.connectionId();
      expect([hintOf(stream), hintOf(later)]).toEqual([500, 5_000]);
    });
  });
});
