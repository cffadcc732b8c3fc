import { once } from 'node:events';
import { PassThrough, Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type Connection, SseChannel, SseConnection, type SseEvent, SseSignal } from '@nestcast/sse';
import { Controller, Param } from '@nestjs/common';
import { type Deferred, deferred } from './support/deferred.js';
import { nextClose } from './support/lifecycle.js';
import { type TestApp, adapters, startApp } from './support/nest-app.js';

let released: Deferred;
let running: Deferred<AbortSignal>;
let finish: Deferred;

/** An iterator that is told by `return()` that nobody wants more of it. */
function watched(): AsyncIterableIterator<SseEvent> {
  return {
    next: () => Promise.reject(new Error('nobody may ask it any more')),
    return: async () => {
      released.resolve();
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

function readable(): Readable {
  const source = new PassThrough({ objectMode: true });
  source.on('close', () => released.resolve());
  return source;
}

const sources: Record<string, () => AsyncIterable<SseEvent> | Iterable<SseEvent>> = {
  'async-iterator': watched,
  'async-iterable': () => ({ [Symbol.asyncIterator]: watched }),
  iterator: () => ({
    [Symbol.iterator]: () => ({
      next: () => ({ done: true, value: undefined }),
      return: () => {
        released.resolve();
        return { done: true, value: undefined };
      },
    }),
  }),
  readable,
};

@Controller()
class SourceController {
  @SseChannel('slow/:source')
  async slow(@Param('source') source: string, @SseSignal() signal: AbortSignal) {
    running.resolve(signal);
    await finish.promise;
    return sources[source]?.();
  }

  @SseChannel('closing/:source')
  closing(@Param('source') source: string, @SseConnection() connection: Connection) {
    connection.close('server');
    return sources[source]?.();
  }

  @SseChannel('broken')
  async broken(@SseSignal() signal: AbortSignal) {
    running.resolve(signal);
    await finish.promise;
    return {
      [Symbol.asyncIterator]: () => ({
        next: () => Promise.reject(new Error('nobody may ask it any more')),
        return: () => Promise.reject(new Error('clean-up failed')),
      }),
    };
  }

  @SseChannel('idle')
  idle() {
    return readable();
  }
}

describe.each(adapters)('the source of a private stream on %s', (adapter) => {
  let app: TestApp;
  beforeEach(async () => {
    released = deferred();
    running = deferred<AbortSignal>();
    finish = deferred();
    app = await startApp(adapter, { controllers: [SourceController] });
  });
  afterEach(() => app.close());

  /** Has the client leave while the handler runs, which comes to its result only then. */
  async function leaveDuring(path: string): Promise<void> {
    const leaving = new AbortController();
    const refused = expect(app.open(path, { signal: leaving.signal })).rejects.toThrow('No response');
    const signal = await running.promise;
    leaving.abort();
    await once(signal, 'abort');
    await refused;
    finish.resolve();
  }

  it.each(Object.keys(sources))('is released if its client left before it came: %s', async (source) => {
    await leaveDuring(`/slow/${source}`);
    await released.promise;
    expect(app.logger.errors).toEqual([]);
  });

  it.each(Object.keys(sources))('is released if its own handler closes the stream: %s', async (source) => {
    const stream = await app.open(`/closing/${source}`);
    expect(stream.status).toBe(503);
    await released.promise;
    expect(app.logger.errors).toEqual([]);
  });

  it('that fails to be released is logged', async () => {
    const logged = deferred<string>();
    app.logger.error = (message: unknown) => logged.resolve(String(message));
    await leaveDuring('/broken');
    expect(await logged.promise).toMatch(/ending the source .*clean-up failed/);
  });

  it('is released when its client leaves while it waits for data: readable', async () => {
    const closed = nextClose(app);
    const stream = await app.open('/idle');
    await stream.connectionId();
    await stream.abort();
    expect(await closed).toBe('client');
    await released.promise;
    expect(app.logger.errors).toEqual([]);
  });
});
