import { AsyncLocalStorage } from 'node:async_hooks';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { SseChannel, SseChannelRegistry, type SseEvent, SseSignal } from '@nestcast/sse';
import {
  type CallHandler,
  Controller,
  type ExecutionContext,
  type NestInterceptor,
  UseInterceptors,
} from '@nestjs/common';
import { type Observable, Subject, finalize, map, tap } from 'rxjs';
import { nextClose } from './support/lifecycle.js';
import { type TestApp, adapters, startApp } from './support/nest-app.js';

const who = new AsyncLocalStorage<string>();
let seen: string[] = [];
let source = new Subject<SseEvent>();

function note(what: string): void {
  const entry = `${what}: ${who.getStore()}`;
  if (!seen.includes(entry)) {
    seen.push(entry);
  }
}

class NotingInterceptor implements NestInterceptor {
  intercept(_context: ExecutionContext, next: CallHandler): Observable<unknown> {
    return next.handle().pipe(
      tap(() => note('interceptor')),
      finalize(() => note('end of interceptor')),
    );
  }
}

@Controller()
@UseInterceptors(NotingInterceptor)
class StreamController {
  constructor(private readonly channels: SseChannelRegistry) {}

  @SseChannel('observable')
  observable(@SseSignal() signal: AbortSignal) {
    signal.addEventListener('abort', () => note('signal'));
    return source;
  }

  @SseChannel('from-channel')
  fromChannel() {
    return this.channels.channel('news').events$.pipe(
      tap(() => note('operator')),
      map(({ data }) => ({ data })),
      finalize(() => note('end of operators')),
    );
  }

  @SseChannel('generator')
  async *generator(): AsyncIterable<SseEvent> {
    try {
      for (let index = 0; ; index += 1) {
        note('generator');
        yield { data: index };
        await new Promise((resolve) => source.subscribe(resolve));
      }
    } finally {
      note('end of generator');
    }
  }
}

describe.each(adapters)('the async context of a private stream on %s', (adapter) => {
  let app: TestApp;
  beforeEach(async () => {
    seen = [];
    source = new Subject();
    app = await startApp(adapter, {
      controllers: [StreamController],
      configure: (nest) => {
        nest.use((_request: unknown, _response: unknown, next: () => void) => who.run('request', next));
      },
    });
  });
  afterEach(() => app.close());

  /** Lets others publish to the stream, and close it. */
  async function publishAndClose(path: string): Promise<void> {
    const stream = await app.open(path);
    const connectionId = await stream.connectionId();
    await new Promise(setImmediate);
    await who.run('publisher', async () => {
      source.next({ data: 'published' });
      await app.channels.publish('news', { data: 'published' });
    });
    await stream.next();
    const closed = nextClose(app);
    await who.run('closer', () => app.channels.disconnect({ connectionId }));
    await closed;
    await stream.ended;
  }

  it('is the request’s for interceptors, their end and the signal, whoever emits or closes', async () => {
    await publishAndClose('/observable');
    expect(seen.toSorted()).toEqual([
      'end of interceptor: request',
      'interceptor: request',
      'signal: request',
    ]);
  });

  it('is the request’s for operators on a channel’s events$', async () => {
    await publishAndClose('/from-channel');
    expect(seen.toSorted()).toEqual([
      'end of interceptor: request',
      'end of operators: request',
      'interceptor: request',
      'operator: request',
    ]);
  });

  it('is the request’s for an async generator and its clean-up', async () => {
    await publishAndClose('/generator');
    source.next({ data: 'one more, so that the generator goes on to its end' });
    await new Promise(setImmediate);
    expect(seen.toSorted()).toEqual([
      'end of generator: request',
      'end of interceptor: request',
      'generator: request',
      'interceptor: request',
    ]);
  });
});
