import { afterEach, describe, expect, it } from '@jest/globals';
import { SseChannel, SseCompression } from '@nestcast/sse';
import { Controller } from '@nestjs/common';
import { type TestApp, adapters, startApp } from './support/nest-app.js';

@Controller('news')
class NewsController {
  @SseChannel()
  @SseCompression({ encodings: ['gzip'] })
  news() {
    return 'news';
  }
}

describe.each(adapters)('HEAD of a route with @SseCompression() on %s', (adapter) => {
  let app: TestApp;
  afterEach(() => app.close());

  it('has the coding and Vary of GET', async () => {
    app = await startApp(adapter, { controllers: [NewsController] });
    const headers = { 'accept-encoding': 'gzip' };
    const get = await app.open('/news', { headers });
    const head = await app.open('/news', { headers, method: 'HEAD' });
    const told = (each: typeof get) => [each.headers['content-encoding'], each.headers.vary];
    expect(told(get)).toEqual(['gzip', 'Accept-Encoding']);
    expect(told(head)).toEqual(told(get));
  });
});
