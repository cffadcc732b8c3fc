import { once } from 'node:events';
import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { LastEventId, SseChannel, type SseEvent, SseSignal } from '@nestcast/sse';
import {
  type CallHandler,
  Controller,
  type ExecutionContext,
  Injectable,
  type NestInterceptor,
  UseInterceptors,
} from '@nestjs/common';
import { type Observable, Subject, finalize, map } from 'rxjs';
import { deferred } from './support/deferred.js';
import { nextClose } from './support/lifecycle.js';
import { type TestApp, adapters, startApp } from './support/nest-app.js';
import { standstill } from './support/standstill.js';

const COUNT = 1_000;
const CHUNK = 'x'.repeat(64 * 1024);

/** What the handlers of one test have come to. */
class Progress {
  produced = 0;
  readonly waiting = deferred();
  readonly cleanedUp = deferred();
  readonly source = new Subject<SseEvent>();
  readonly seenByInterceptor: unknown[] = [];
}

let progress = new Progress();

@Injectable()
class ShoutInterceptor implements NestInterceptor {
  intercept(_: ExecutionContext, next: CallHandler<SseEvent>): Observable<SseEvent> {
    return next.handle().pipe(
      map((event) => {
        progress.seenByInterceptor.push(event.data);
        return { ...event, data: `${String(event.data)}!` };
      }),
    );
  }
}

@Controller()
class PrivateController {
  @SseChannel('numbered')
  async *numbered(@LastEventId() lastEventId = '0') {
    for (let id = Number(lastEventId) + 1; id <= 3; id += 1) {
      yield { type: 'step', data: id, id: String(id) };
    }
  }

  @SseChannel('fails')
  async *fails() {
    yield { data: 1 };
    await turn();
    throw new Error('model crashed');
  }

  @SseChannel('subject')
  subject() {
    return progress.source.pipe(finalize(() => progress.cleanedUp.resolve()));
  }

  @SseChannel('bad-event')
  async *badEvent() {
    try {
      yield { data: 1 };
      await turn();
      yield { data: 10n };
      yield { data: 'never' };
    } finally {
      progress.cleanedUp.resolve();
    }
  }

  @SseChannel('flood')
  async *flood() {
    try {
      while (progress.produced < COUNT) {
        progress.produced += 1;
        yield { type: 'chunk', data: `${progress.produced} ${CHUNK}` };
      }
    } finally {
      progress.cleanedUp.resolve();
    }
  }

  @SseChannel('waits')
  async *waits(@SseSignal() signal: AbortSignal) {
    try {
      yield { data: 'first' };
      progress.waiting.resolve();
      await once(new EventTarget(), 'never', { signal });
    } finally {
      progress.cleanedUp.resolve();
    }
  }

  @SseChannel('shouting')
  @UseInterceptors(ShoutInterceptor)
  async *shouting() {
    yield { data: 'a' };
    yield { data: 'b' };
  }
}

describe.each(adapters)('a private stream on %s', (adapter) => {
  let app: TestApp;
  beforeEach(async () => {
    progress = new Progress();
    app = await startApp(adapter, { controllers: [PrivateController] });
  });
  afterEach(() => app.close());

  it('has the ids of its handler, which sees where a client resumes', async () => {
    const whole = await app.open('/numbered');
    const steps = [1, 2, 3].map((id) => ({ type: 'step', data: String(id), id: String(id) }));
    expect(await whole.take(3)).toMatchObject(steps);
    expect(await whole.control('sse:goodbye')).toEqual({ reason: 'complete' });
    expect(whole.lastEventId).toBe('3');
    const rest = await app.open('/numbered', { lastEventId: '2' });
    expect(await rest.next()).toMatchObject({ id: '3' });
    expect(await rest.ended).toBe('end');
  });

  it('that fails says goodbye, and the failure is logged once', async () => {
    const closed = nextClose(app);
    const stream = await app.open('/fails');
    expect(await stream.next()).toMatchObject({ data: '1' });
    expect(await stream.control('sse:goodbye')).toEqual({ reason: 'error' });
    expect(await stream.ended).toBe('end');
    expect(await closed).toBe('error');
    expect(app.logger.errors).toEqual([expect.stringContaining('model crashed')]);
    expect(stream.frames.some(({ text }) => text.includes('model crashed'))).toBe(false);
  });

  it('opens before its first event, and is left when its client leaves', async () => {
    const stream = await app.open('/subject');
    await stream.connectionId();
    progress.source.next({ data: 'late' });
    expect(await stream.next()).toMatchObject({ data: 'late' });
    await stream.abort();
    await progress.cleanedUp.promise;
    expect(progress.source.observed).toBe(false);
  });

  it('ends at an event that can not be written, and hurts no other', async () => {
    const other = await app.open('/subject');
    await other.connectionId();
    const stream = await app.open('/bad-event');
    expect(await stream.next()).toMatchObject({ data: '1' });
    expect(await stream.control('sse:goodbye')).toEqual({ reason: 'error' });
    await progress.cleanedUp.promise;
    expect(stream.received.some(({ data }) => data === 'never')).toBe(false);
    expect(app.logger.errors).toEqual([expect.stringContaining("can't be written as JSON")]);
    progress.source.next({ data: 'unhurt' });
    expect(await other.next()).toMatchObject({ data: 'unhurt' });
  });

  it('is pulled no faster than its client reads', async () => {
    const stream = await app.open('/flood', { timeoutMs: 20_000 });
    stream.pause();
    await standstill(() => progress.produced);
    // What the sockets' buffers on both sides take, not what the handler could produce.
    expect(progress.produced).toBeLessThan(COUNT / 2);
    stream.resume();
    const events = await stream.take(COUNT);
    expect(events.map(({ data }) => Number(data.slice(0, data.indexOf(' '))))).toEqual(
      Array.from({ length: COUNT }, (_, index) => index + 1),
    );
    expect(await stream.control('sse:goodbye')).toEqual({ reason: 'complete' });
  }, 30_000);

  it('cleans up after a client that leaves while it reads too slowly', async () => {
    const stream = await app.open('/flood');
    stream.pause();
    await standstill(() => progress.produced);
    await stream.abort();
    await progress.cleanedUp.promise;
    expect(progress.produced).toBeLessThan(COUNT / 2);
    expect(app.logger.errors).toEqual([]);
  });

  it.each([false, true])('cleans up after a client that leaves while it waits (reset: %s)', async (reset) => {
    const closed = nextClose(app);
    const stream = await app.open('/waits');
    await stream.next();
    await progress.waiting.promise;
    await stream.abort({ reset });
    await progress.cleanedUp.promise;
    expect(await closed).toBe('client');
    expect(app.logger.errors).toEqual([]);
  });

  it("passes the route's own interceptors event by event", async () => {
    const stream = await app.open('/shouting');
    expect(await stream.take(2)).toMatchObject([{ data: 'a!' }, { data: 'b!' }]);
    expect(progress.seenByInterceptor).toEqual(['a', 'b']);
  });
});
