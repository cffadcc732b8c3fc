import { afterEach, describe, expect, it } from '@jest/globals';
import { Hub } from '@nestcast/hub';
import { SseChannel, type SseEvent, type SseModuleOptions } from '@nestcast/sse';
import { Controller } from '@nestjs/common';
import { deferred } from './support/deferred.js';
import { type TestApp, adapters, startApp } from './support/nest-app.js';

let entered = deferred();
let released = deferred();

@Controller()
class SlowController {
  @SseChannel('channel')
  async channel() {
    entered.resolve();
    await released.promise;
    return 'news';
  }

  @SseChannel('private')
  async private(): Promise<Iterable<SseEvent>> {
    entered.resolve();
    await released.promise;
    return [{ data: 'late' }];
  }
}

describe.each(adapters)('a request whose handler still runs when the drain begins, on %s', (adapter) => {
  let app: TestApp;
  afterEach(() => app.close());

  /** Opens a stream, and has the node drain while its handler runs. */
  async function openWhileDraining(path: string, sse: SseModuleOptions) {
    entered = deferred();
    released = deferred();
    app = await startApp(adapter, { controllers: [SlowController], sse });
    const answer = app.open(path);
    await entered.promise;
    const drained = app.app.get(Hub).drain();
    const stream = await answer;
    released.resolve();
    await drained;
    expect(app.channels.stats()).toMatchObject({ opens: 0, refusals: { drain: 1 } });
    return stream;
  }

  describe.each(['/channel', '/private'])('of %s', (path) => {
    it('is 503 with a moment to come back within the window', async () => {
      const { status, headers } = await openWhileDraining(path, { drain: { reconnectWindowMs: 60_000 } });
      expect(status).toBe(503);
      expect(Number(headers['retry-after'])).toBeGreaterThanOrEqual(1);
    });

    it('is told goodbye where refusals are streams, and comes back by itself', async () => {
      const stream = await openWhileDraining(path, { drain: { refusal: 'stream' } });
      expect(stream.status).toBe(200);
      expect(await stream.control('sse:goodbye')).toEqual({ reason: 'drain', retryMs: expect.any(Number) });
      expect(await stream.ended).toBe('end');
    });

    it('is 204 where refusals stop', async () => {
      expect((await openWhileDraining(path, { limits: { refusal: 'stop' } })).status).toBe(204);
    });
  });
});
