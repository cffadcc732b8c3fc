import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { SseChannel, type SseEvent, SseHeartbeat } from '@nestcast/sse';
import {
  type CallHandler,
  Controller,
  type ExecutionContext,
  Get,
  type NestInterceptor,
  UseInterceptors,
} from '@nestjs/common';
import { APP_INTERCEPTOR } from '@nestjs/core';
import { EMPTY, type Observable, concat, from, map, of, startWith, tap, timeout } from 'rxjs';
import { type Deferred, deferred } from './support/deferred.js';
import { type TestApp, adapters, startApp } from './support/nest-app.js';

const LIMIT_MS = 250;

/** Times every request and notes what passed: values, then the end. */
class TimingInterceptor implements NestInterceptor {
  readonly seen: unknown[] = [];
  ended: Deferred = deferred();

  intercept(_context: ExecutionContext, next: CallHandler): Observable<unknown> {
    return next.handle().pipe(
      tap({
        next: (value) => this.seen.push(value),
        error: (error: unknown) => this.seen.push(error),
        complete: () => {
          this.seen.push('end');
          this.ended.resolve();
        },
      }),
    );
  }
}

class TimeoutInterceptor implements NestInterceptor {
  intercept(_context: ExecutionContext, next: CallHandler): Observable<unknown> {
    return next.handle().pipe(timeout(LIMIT_MS));
  }
}

class WrapInterceptor implements NestInterceptor {
  intercept(_context: ExecutionContext, next: CallHandler): Observable<unknown> {
    return next.handle().pipe(map((value: unknown) => ({ wrapped: value })));
  }
}

/** Doubles each event's number. */
class DoubleInterceptor implements NestInterceptor {
  intercept(_context: ExecutionContext, next: CallHandler): Observable<unknown> {
    return next
      .handle()
      .pipe(map((event: SseEvent<number>) => ({ ...event, type: 'doubled', data: (event.data ?? 0) * 2 })));
  }
}

/** Adds an event before the others and one after them. */
class FrameInterceptor implements NestInterceptor {
  intercept(_context: ExecutionContext, next: CallHandler): Observable<unknown> {
    return concat(of({ type: 'first' }), next.handle(), of({ type: 'last' }));
  }
}

class StartInterceptor implements NestInterceptor {
  intercept(_context: ExecutionContext, next: CallHandler): Observable<unknown> {
    return next.handle().pipe(startWith({ type: 'only' }));
  }
}

const EVENTS: SseEvent<number>[] = [{ data: 1 }, { data: 2, id: 'b' }, { data: 3 }];

async function* generate(): AsyncIterable<SseEvent> {
  yield* EVENTS;
}

@Controller()
class PrivateController {
  @UseInterceptors(DoubleInterceptor)
  @SseChannel('above/observable')
  observableAbove() {
    return from(EVENTS);
  }

  @SseChannel('below/observable')
  @UseInterceptors(DoubleInterceptor)
  observableBelow() {
    return from(EVENTS);
  }

  @UseInterceptors(DoubleInterceptor)
  @SseChannel('above/generator')
  generatorAbove() {
    return generate();
  }

  @SseChannel('below/generator')
  @UseInterceptors(DoubleInterceptor)
  generatorBelow() {
    return generate();
  }

  @UseInterceptors(DoubleInterceptor)
  @SseChannel('above/promise')
  async promiseAbove() {
    return from(EVENTS);
  }

  @SseChannel('below/promise')
  @UseInterceptors(DoubleInterceptor)
  async promiseBelow() {
    return from(EVENTS);
  }

  @UseInterceptors(StartInterceptor)
  @SseChannel('empty')
  empty() {
    return EMPTY;
  }

  @UseInterceptors(FrameInterceptor)
  @SseChannel('both')
  @UseInterceptors(DoubleInterceptor)
  both() {
    return from(EVENTS);
  }
}

@Controller()
class NewsController {
  @SseChannel('news')
  @SseHeartbeat({ intervalMs: 2 * LIMIT_MS })
  news() {
    return 'news';
  }

  @SseChannel('numbers')
  numbers() {
    return generate();
  }

  @SseChannel('hanging')
  hanging() {
    return new Promise<string>(() => undefined);
  }

  @Get('plain')
  plain() {
    return 'plain answer';
  }
}

describe.each(adapters)("the application's own interceptors on %s", (adapter) => {
  let app: TestApp;
  afterEach(() => app.close());

  describe('of a method', () => {
    it.each(
      ['above', 'below'].flatMap((where) =>
        ['observable', 'generator', 'promise'].map((what) => [where, what]),
      ),
    )('written %s @SseChannel() get the events of a private stream one by one: %s', async (where, what) => {
      app = await startApp(adapter, { controllers: [PrivateController] });
      const stream = await app.open(`/${where}/${what}`);
      expect(await stream.take(3)).toMatchObject([
        { type: 'doubled', data: '2', id: '' },
        { type: 'doubled', data: '4', id: 'b' },
        { type: 'doubled', data: '6' },
      ]);
      expect(await stream.control('sse:goodbye')).toEqual({ reason: 'complete' });
      expect(await stream.ended).toBe('end');
    });

    it('are nested as on any route, the lower outside, and may add events', async () => {
      app = await startApp(adapter, { controllers: [PrivateController] });
      const stream = await app.open('/both');
      expect((await stream.take(5)).map(({ type, data }) => `${type} ${data}`)).toEqual([
        'doubled 0',
        'doubled 2',
        'doubled 4',
        'doubled 6',
        'doubled 0',
      ]);
      expect(await stream.ended).toBe('end');
    });

    it('may put an event before those of a source that has none', async () => {
      app = await startApp(adapter, { controllers: [PrivateController] });
      const stream = await app.open('/empty');
      expect(await stream.next()).toMatchObject({ type: 'only', data: '' });
      expect(await stream.control('sse:goodbye')).toEqual({ reason: 'complete' });
    });
  });

  describe('of all routes', () => {
    let timing: TimingInterceptor;
    beforeEach(async () => {
      timing = new TimingInterceptor();
      app = await startApp(adapter, {
        controllers: [NewsController],
        providers: [
          { provide: APP_INTERCEPTOR, useClass: WrapInterceptor },
          { provide: APP_INTERCEPTOR, useValue: timing },
          { provide: APP_INTERCEPTOR, useClass: TimeoutInterceptor },
        ],
      });
    });

    it('see a short request without a value, and the stream goes on', async () => {
      const stream = await app.open('/news');
      await stream.connectionId();
      await timing.ended.promise;
      expect(timing.seen).toEqual([undefined, 'end']);

      // Well past the limit.
      let frame = await stream.nextFrame();
      while (frame.comment === undefined) {
        frame = await stream.nextFrame();
      }
      const id = await app.channels.publish('news', { type: 'late', data: { plain: true } });
      expect(await stream.next()).toMatchObject({ type: 'late', data: '{"plain":true}', id });
      expect(timing.seen).toEqual([undefined, 'end']);
      expect(app.logger.errors).toEqual([]);
    });

    it('see no event of a private stream', async () => {
      const stream = await app.open('/numbers');
      expect((await stream.take(3)).map(({ data }) => data)).toEqual(['1', '2', '3']);
      expect(await stream.ended).toBe('end');
      await timing.ended.promise;
      expect(timing.seen).toEqual([undefined, 'end']);
    });

    it('still time out a handler that hangs, which leaves no connection', async () => {
      const stream = await app.open('/hanging');
      expect(stream.status).toBe(500);
      await stream.body();
      expect(app.channels.connections()).toEqual([]);
    });

    it('still wrap what other routes answer', async () => {
      expect(JSON.parse(await (await app.open('/plain')).body())).toEqual({ wrapped: 'plain answer' });
    });
  });
});
