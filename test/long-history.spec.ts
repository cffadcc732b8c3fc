import { afterEach, describe, expect, it } from '@jest/globals';
import { type Channel, SseChannel, SseChannelRegistry } from '@nestcast/sse';
import { Controller } from '@nestjs/common';
import { type TestApp, adapters, startApp } from './support/nest-app.js';

const COUNT = 200;

@Controller()
class JobController {
  constructor(private readonly channels: SseChannelRegistry) {}

  @SseChannel('job')
  job(): Channel {
    return this.channels.channel('job').fromStart();
  }
}

describe.each(adapters)('a client that reads all the time, on %s', (adapter) => {
  let app: TestApp;

  afterEach(() => app.close());

  it.each(['catch-up', 'conflate', 'drop-oldest', 'disconnect'] as const)(
    '[D3] gets all of a history of 10 MB, which is no slowness of its own: %s',
    async (policy) => {
      app = await startApp(adapter, {
        controllers: [JobController],
        // On a busy machine the node would be under pressure, and part with it.
        sse: { overflow: { policy }, pressure: { eventLoopDelayMs: 0 } },
      });
      for (let n = 0; n < COUNT; n += 1) {
        await app.channels.publish('job', { key: 'k', data: `${n} ${'x'.repeat(50_000)}` });
      }
      const stream = await app.open('/job');
      const events = await stream.take(COUNT);
      expect(events.map(({ data }) => Number.parseInt(data, 10))).toEqual([...Array(COUNT).keys()]);
      expect(stream.received.map(({ type }) => type)).not.toContain('sse:gap');
    },
  );
});
