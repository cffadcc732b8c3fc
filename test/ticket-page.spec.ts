import { readFile } from 'node:fs/promises';
import type { Server } from 'node:http';
import { resolve } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { SseChannel, SseTicket, SseTicketGuard, SseTicketService, type TicketClaims } from '@nestcast/sse';
import { Controller, Get, Header, Post, UnauthorizedException, UseGuards } from '@nestjs/common';
import type { Page } from 'playwright-core';
import { useChromium } from './support/chromium.js';
import { EMPTY_PAGE } from './support/event-source-page.js';
import { nextOpen } from './support/lifecycle.js';
import { type TestApp, adapters, startApp } from './support/nest-app.js';

const BROWSER_TEST_MS = 30_000;
const browser = useChromium();

@Controller()
class PageController {
  signedIn = true;

  constructor(private readonly tickets: SseTicketService) {}

  @Get()
  @Header('Content-Type', 'text/html; charset=utf-8')
  page() {
    return EMPTY_PAGE;
  }

  @Post('notifications/ticket')
  async ticket() {
    if (!this.signedIn) {
      throw new UnauthorizedException();
    }
    return { ticket: await this.tickets.issue({ userId: 'ann' }) };
  }

  @SseChannel('notifications/stream')
  @UseGuards(SseTicketGuard)
  stream(@SseTicket() { userId }: TicketClaims) {
    return `user/${userId}`;
  }
}

/** The page's part, as the guide has it. */
async function documentedLoop(): Promise<string> {
  const guide = await readFile(resolve(import.meta.dirname, '../docs/operating.md'), 'utf8');
  const blocks = [...guide.matchAll(/```js\n([\s\S]*?)```/g)].map(([, block]) => block ?? '');
  return blocks.find((block) => block.includes('new EventSource')) ?? '';
}

describe.each(adapters)("the guide's page with tickets, in Chromium on %s", (adapter) => {
  let app: TestApp;
  let page: Page;
  afterEach(async () => {
    await page.close();
    await app.close();
  });

  it(
    'comes back with a new ticket when it is cut off, misses nothing, and stops when signed out',
    async () => {
      app = await startApp(adapter, {
        controllers: [PageController],
        sse: { retry: { ms: 100, jitter: 0 } },
      });
      page = await browser().newPage();
      const streams: number[] = [];
      page.on('response', (response) => {
        if (new URL(response.url()).pathname === '/notifications/stream') {
          streams.push(response.status());
        }
      });
      await page.goto(app.url);
      let opened = nextOpen(app);
      await page.evaluate(`
        var seen = [];
        var stopped = false;
        ${await documentedLoop()}
        follow(({ data }) => seen.push(data)).then(() => { stopped = true; });
        undefined;`);
      await opened;
      await app.channels.publish('user/ann', { data: 'one' });
      await page.waitForFunction('seen.length === 1');

      opened = nextOpen(app);
      (app.app.getHttpServer() as Server).closeAllConnections();
      await app.channels.publish('user/ann', { data: 'two' });
      await opened;
      await app.channels.publish('user/ann', { data: 'three' });
      await page.waitForFunction('seen.length === 3');
      expect(await page.evaluate('seen')).toEqual(['one', 'two', 'three']);
      expect(streams).toEqual([200, 401, 200]);

      app.app.get(PageController).signedIn = false;
      await app.channels.disconnect({ userId: 'ann' }, 'revoked');
      await page.waitForFunction('stopped');
      expect(streams).toEqual([200, 401, 200, 401]);
    },
    BROWSER_TEST_MS,
  );
});
