import { afterEach, describe, expect, it } from '@jest/globals';
import { SseChannel, type SseEvent } from '@nestcast/sse';
import type { SseStream } from '@nestcast/testing';
import { Controller, Param } from '@nestjs/common';
import { type Observable, Subject } from 'rxjs';
import { type TestApp, adapters, startApp } from './support/nest-app.js';

const FILLER = 'x'.repeat(64 * 1024);
let source = new Subject<SseEvent>();

@Controller()
class OverflowController {
  @SseChannel('streams/:name')
  stream(@Param('name') name: string): string {
    return name;
  }

  @SseChannel('private')
  private(): Observable<SseEvent> {
    return source;
  }
}

describe.each(adapters)('a client that stops reading, on %s', (adapter) => {
  let app: TestApp;

  afterEach(() => app.close());

  /** Opens a stream whose client stops reading, and sends until it lags. */
  async function lagging(
    path: string,
    policy: 'conflate' | 'drop-oldest',
    send: (event: SseEvent) => unknown,
  ): Promise<SseStream> {
    source = new Subject();
    app = await startApp(adapter, {
      controllers: [OverflowController],
      sse: { overflow: { policy, maxBufferedBytes: 128 * 1024 }, history: { maxEvents: 10_000 } },
    });
    const stream = await app.open(path, { timeoutMs: 20_000 });
    await stream.connectionId();
    stream.pause();
    while (app.channels.stats().lagging === 0) {
      await send({ type: 'filler', data: FILLER });
      await new Promise(setImmediate);
    }
    return stream;
  }

  it.each(['/streams/a', '/private'])('[D3] gets the newest of each key of %s: conflate', async (path) => {
    const send = senderFor(path);
    const stream = await lagging(path, 'conflate', send);
    for (let n = 0; n < 2_000; n += 1) {
      await send({ type: 'price', key: n % 2 ? 'EUR' : 'USD', data: n });
    }
    await send({ type: 'end' });
    stream.resume();
    const prices = await dataUntilEnd(stream);
    expect(prices).toEqual([1_998, 1_999]);
    expect(app.channels.stats()).toMatchObject({ connections: 1, lagging: 0 });
  });

  it.each(['/streams/a', '/private'])(
    '[D3] loses the oldest of %s, and is told: drop-oldest',
    async (path) => {
      const send = senderFor(path);
      const stream = await lagging(path, 'drop-oldest', send);
      for (let n = 0; n < 2_000; n += 1) {
        await send({ type: 'price', data: `${n} ${'x'.repeat(1_000)}` });
      }
      await send({ type: 'end' });
      stream.resume();
      const prices = await dataUntilEnd(stream);
      const first = 2_000 - prices.length;
      expect(prices.length).toBeGreaterThan(100);
      expect(prices.length).toBeLessThan(140);
      expect(prices).toEqual(Array.from({ length: prices.length }, (_, n) => first + n));
      const channels = path === '/private' ? [] : ['a'];
      expect(await stream.control('sse:gap')).toMatchObject({ reason: 'overflow', channels });
    },
  );

  function senderFor(path: string): (event: SseEvent) => unknown {
    return (event) => (path === '/private' ? source.next(event) : app.channels.publish('a', event));
  }
});

/** What comes between the filler and the event `end`, as numbers. */
async function dataUntilEnd(stream: SseStream): Promise<number[]> {
  const numbers: number[] = [];
  for (;;) {
    const { type, data } = await stream.next();
    if (type === 'end') {
      return numbers;
    }
    if (type === 'price') {
      numbers.push(Number.parseInt(data, 10));
    }
  }
}
