import { afterEach, describe, expect, it } from '@jest/globals';
import { SseChannel } from '@nestcast/sse';
import { Controller } from '@nestjs/common';
import { type TestApp, adapters, startApp } from './support/nest-app.js';

@Controller('news')
class NewsController {
  @SseChannel()
  news() {
    return 'news';
  }
}

describe.each(adapters)('an event published right before the end, on %s', (adapter) => {
  let app: TestApp;
  afterEach(() => app.close());

  it('arrives before the goodbye of a disconnect', async () => {
    app = await startApp(adapter, { controllers: [NewsController] });
    const stream = await app.open('/news');
    await stream.connectionId();
    await app.channels.publish('news', { data: 'you are out' });
    await app.channels.disconnect({ channel: 'news' }, 'revoked');
    await stream.ended;
    expect(stream.received.map(({ type, data }) => (type === 'message' ? data : type))).toEqual([
      'sse:connected',
      'you are out',
      'sse:goodbye',
    ]);
  });

  it('arrives before the goodbye of a shutdown, after which a memory log is gone', async () => {
    app = await startApp(adapter, { controllers: [NewsController] });
    const stream = await app.open('/news');
    await stream.connectionId();
    await app.channels.publish('news', { data: 'last words' });
    await app.app.close();
    await stream.ended;
    expect(stream.received.map(({ data }) => data)).toContain('last words');
  });
});
