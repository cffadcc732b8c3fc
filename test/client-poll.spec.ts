import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type SseClient, createSseClient } from '@nestcast/client';
import { SseChannel, SseChannelRegistry } from '@nestcast/sse';
import { Controller } from '@nestjs/common';
import { BufferingProxy } from './support/buffering-proxy.js';
import { launchChromium } from './support/chromium.js';
import { clientContext } from './support/client-page.js';
import { ClientTab } from './support/client-tab.js';
import { type TestApp, adapters, startApp } from './support/nest-app.js';
import { until } from './support/until.js';

@Controller()
class NumbersController {
  constructor(private readonly channels: SseChannelRegistry) {}

  @SseChannel('numbers')
  numbers() {
    return this.channels.channel('numbers').fromStart();
  }
}

describe.each(adapters)('a client of %s behind a proxy that streams nothing', (adapter) => {
  let app: TestApp;
  let proxy: BufferingProxy;
  let client: SseClient<{ number: number }>;
  let published = 0;

  beforeEach(async () => {
    app = await startApp(adapter, { controllers: [NumbersController] });
    proxy = await BufferingProxy.to(app.port);
    published = 0;
  });
  afterEach(async () => {
    client.close();
    await proxy.close();
    await app.close();
  });

  async function publish(count: number): Promise<void> {
    for (let left = count; left > 0; left -= 1) {
      await app.channels.publish('numbers', { type: 'number', data: (published += 1) });
    }
  }

  it('finds out, polls, gets each event once, and streams again where it can', async () => {
    await publish(5);
    client = createSseClient(`${proxy.url}/numbers`, { openTimeoutMs: 1_000, backoff: { baseMs: 0 } });
    const seen: number[] = [];
    const errors: string[] = [];
    client.on('number', ({ data }) => seen.push(data)).on('error', ({ data }) => errors.push(data.code));

    await until(() => seen.length === 5);
    expect(client.getSnapshot()).toMatchObject({ status: 'open', transport: 'poll', error: undefined });
    expect(errors.slice(0, 2)).toEqual(['STREAM_BLOCKED', 'STREAM_BLOCKED']);
    // One that waits is answered as soon as there is something.
    await until(() => app.channels.stats().connections > 0);
    await publish(5);
    await until(() => seen.length === 10);

    proxy.buffers = false;
    await publish(5);
    client.reconnect();
    await until(() => client.getSnapshot().transport === 'stream' && seen.length === 15);
    await publish(5);
    await until(() => seen.length === 20);
    expect(seen).toEqual(Array.from({ length: 20 }, (_, index) => index + 1));
    expect(client.getSnapshot()).toMatchObject({ status: 'open', transport: 'stream', error: undefined });
  }, 30_000);
});

it('a page of another origin can poll where CORS names no header', async () => {
  const app = await startApp('express', {
    controllers: [NumbersController],
    configure: (nest) => nest.enableCors(),
  });
  const site = await startApp('express', {});
  const browser = await launchChromium();
  try {
    const tab = await ClientTab.open(await clientContext(browser), site.url);
    await app.channels.publish('numbers', { type: 'count', data: 1 });
    await tab.follow(`${app.url}/numbers`, "{ transport: 'poll' }");
    await tab.untilNumbers(1);
    await app.channels.publish('numbers', { type: 'count', data: 2 });
    expect(await tab.untilNumbers(2)).toMatchObject({ numbers: [1, 2], errors: [] });
    expect(await tab.page.evaluate('client.getSnapshot().transport')).toBe('poll');
  } finally {
    await browser.close();
    await app.close();
    await site.close();
  }
}, 60_000);
