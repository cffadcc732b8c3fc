import { afterEach, describe, expect, it } from '@jest/globals';
import { SseChannel, type SseModuleOptions } from '@nestcast/sse';
import { Controller, UseGuards } from '@nestjs/common';
import { nextClose } from './support/lifecycle.js';
import { type TestApp, adapters, startApp } from './support/nest-app.js';
import { UserGuard, as } from './support/user.guard.js';

@Controller()
class StreamController {
  @SseChannel('news')
  @UseGuards(UserGuard)
  news() {
    return ['a', 'b', 'c', 'd'];
  }
}

describe.each(adapters)('close records on %s', (adapter) => {
  let app: TestApp;
  afterEach(() => app.close());

  async function openAndClose(sse?: SseModuleOptions): Promise<string> {
    app = await startApp(adapter, { controllers: [StreamController], sse });
    const stream = await app.open('/news?ticket=secret', as('ann'));
    const id = await stream.connectionId();
    await app.channels.publish('a', { data: 'one' });
    await stream.next();
    const closed = nextClose(app);
    await stream.abort();
    await closed;
    return id;
  }

  it('tell what a stream was, and nothing of its address and query', async () => {
    const connectionId = await openAndClose();
    const { bytes } = app.channels.stats();
    expect(app.logger.closes).toEqual([
      {
        event: 'sse.close',
        connectionId,
        userId: 'ann',
        reason: 'client',
        durationMs: expect.any(Number),
        messages: 1,
        bytes,
        channels: 4,
        firstChannels: ['a', 'b', 'c'],
      },
    ]);
    const [record] = app.logger.closes;
    expect(record?.durationMs).toBeLessThan(5_000);
    expect(JSON.stringify(record)).not.toContain('secret');
  });

  it('can be left out', async () => {
    await openAndClose({ closeRecords: false });
    expect(app.channels.stats().closes.client).toBe(1);
    expect(app.logger.closes).toEqual([]);
  });
});
