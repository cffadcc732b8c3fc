import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Connection } from '@nestcast/sse';
import { FaultProxy } from '@nestcast/test-servers';
import type { BrowserContext } from 'playwright-core';
import { useChromium } from './support/chromium.js';
import { clientContext } from './support/client-page.js';
import { ClientTab } from './support/client-tab.js';
import { type Adapter, type TestApp, adapters, startApp } from './support/nest-app.js';
import { NewsController, TokenGuard } from './support/news-controller.js';
import { Numbers } from './support/numbers.js';
import { SharedLog } from './support/shared-log.js';

const BROWSER_TEST_MS = 30_000;
const RETRY_MS = 50;
const browser = useChromium();

describe.each(adapters)('the client in Chromium, against %s,', (adapter) => {
  let log: SharedLog;
  let app: TestApp;
  let proxy: FaultProxy;
  let context: BrowserContext;
  let tab: ClientTab;
  let numbers: Numbers;
  let url: string;

  beforeEach(async () => {
    log = new SharedLog();
    numbers = new Numbers('news');
    app = await startNode(adapter);
    proxy = await FaultProxy.start(app.port);
    url = `http://127.0.0.1:${proxy.port}`;
    context = await clientContext(browser());
    tab = await ClientTab.open(context, url);
  });
  afterEach(async () => {
    await context.close();
    await proxy.close();
    await app.close();
    await log.close();
  });

  function startNode(on: Adapter, port?: number): Promise<TestApp> {
    return startApp(on, {
      controllers: [NewsController],
      providers: [TokenGuard],
      sse: {
        broker: log.factory,
        retry: { ms: RETRY_MS, jitter: 0 },
        drain: { reconnectWindowMs: RETRY_MS },
      },
      port,
    });
  }

  /** Events before, during and after a fault: the client has all of them, each once. */
  async function survive(fault: () => Promise<void> | void, path = '/news', options?: string) {
    await tab.follow(path, options);
    await tab.untilStatus('open');
    await numbers.publish(app.channels, 3);
    await tab.untilNumbers(3);
    await fault();
    await numbers.publish(app.channels, 3);
    await tab.untilNumbers(6);
    await tab.untilStatus('open');
    await numbers.publish(app.channels, 3);
    const seen = await tab.untilNumbers(9);
    expect(seen.numbers).toEqual(numbers.all);
    expect(seen.gaps).toBe(0);
    return seen;
  }

  const browserStream = (): Connection => app.channels.connections()[0] as Connection;

  it.each([
    [429, '/limited/channel'],
    [503, '/limited/total'],
  ])(
    'waits as told by a refusal with %i, and comes back when there is room',
    async (status, path) => {
      let refused: Promise<unknown> = Promise.resolve();
      const { errors, states } = await survive(async () => {
        await tab.run('client.close()');
        await tab.untilStatus('closed');
        await noStreams(app);
        const occupant = await app.open(path);
        const connectionId = await occupant.connectionId();
        await tab.run('client.open()');
        await tab.untilStatus('waiting');
        refused = app.channels.disconnect({ connectionId });
      }, path);
      await refused;
      expect(errors).toEqual([status]);
      expect(states.slice(-5)).toEqual(['closed', 'connecting', 'waiting', 'connecting', 'open']);
    },
    BROWSER_TEST_MS,
  );

  it(
    'stops at 204, and goes on where it was when it is opened again',
    async () => {
      const { errors, states } = await survive(async () => {
        await tab.run('client.close()');
        await noStreams(app);
        const occupant = await app.open('/limited/stop');
        const connectionId = await occupant.connectionId();
        await tab.run('client.open()');
        await tab.until("seen.states.slice(-2).join() === 'connecting,closed'");
        await app.channels.disconnect({ connectionId });
        await tab.run('client.open()');
      }, '/limited/stop');
      expect(errors).toEqual([]);
      expect(states.slice(-3)).toEqual(['closed', 'connecting', 'open']);
    },
    BROWSER_TEST_MS,
  );

  it(
    'reads a stream that is answered with 201, and stops at its complete end',
    async () => {
      await tab.follow('/created', "{ method: 'POST', body: '{}' }");
      const seen = await tab.until("seen.states.at(-1) === 'closed'");
      expect(seen).toMatchObject({ numbers: [1], goodbyes: ['complete'], errors: [] });
    },
    BROWSER_TEST_MS,
  );

  it(
    'comes back after the goodbye "error"',
    async () => {
      await tab.follow('/failing');
      const { numbers: seen, goodbyes } = await tab.until("seen.goodbyes.includes('complete')");
      expect(seen).toEqual([1, 2]);
      expect(goodbyes).toEqual(['error', 'complete']);
      expect(app.logger.errors.join()).toContain('The source has failed.');
    },
    BROWSER_TEST_MS,
  );

  it(
    'comes back to a server that is started anew',
    async () => {
      const { goodbyes } = await survive(async () => {
        const { port } = app;
        await app.close();
        app = await startNode(adapter, port);
      });
      expect(goodbyes).toEqual(['drain']);
    },
    BROWSER_TEST_MS,
  );

  it(
    'brings a fresh token each time, and once more after 401',
    async () => {
      const guard = app.app.get(TokenGuard);
      const { errors } = await survive(
        () => {
          guard.oldest = 3;
          browserStream().close('expired');
        },
        '/guarded',
        '{ headers: async () => ({ Authorization: `Bearer ${(globalThis.token = (globalThis.token ?? 0) + 1)}` }) }',
      );
      expect(guard.seen).toEqual(['1', '2', '3']);
      expect(errors).toEqual([401]);
    },
    BROWSER_TEST_MS,
  );

  // What it does by itself, whoever has sent the same bytes; wire.spec.ts holds both adapters to them.
  if (adapter === 'express') {
    it(
      'comes back after a drop',
      async () => {
        const { states, errors } = await survive(() => proxy.cut());
        expect(states).toEqual(['connecting', 'open', 'waiting', 'connecting', 'open']);
        expect(errors).toEqual(['NETWORK']);
      },
      BROWSER_TEST_MS,
    );

    it.each(['server', 'drain', 'expired', 'max-age', 'overflow', 'revoked'] as const)(
      'comes back when told after the goodbye "%s"',
      async (reason) => {
        const { goodbyes, errors } = await survive(() => browserStream().close(reason, 2 * RETRY_MS));
        expect(goodbyes).toEqual([reason]);
        expect(errors).toEqual([]);
      },
      BROWSER_TEST_MS,
    );

    it(
      'does not come back after the goodbye "complete"',
      async () => {
        await tab.follow('/news');
        await tab.untilStatus('open');
        await numbers.publish(app.channels, 3);
        await tab.untilNumbers(3);
        browserStream().close('complete');
        const seen = await tab.untilStatus('closed');
        expect(seen).toMatchObject({ numbers: numbers.all, goodbyes: ['complete'], errors: [] });
        expect(seen.states).toEqual(['connecting', 'open', 'closed']);
      },
      BROWSER_TEST_MS,
    );

    it(
      'goes on with another node',
      async () => {
        const other = await startNode(adapter === 'express' ? 'fastify' : 'express');
        await survive(() => proxy.switchTo(other.port));
        expect(other.channels.stats().opens).toBe(1);
        await other.close();
      },
      BROWSER_TEST_MS,
    );

    it(
      'goes on after its page has been loaded anew',
      async () => {
        const follow = async (): Promise<void> => {
          await tab.follow('/news', '{ persist: true, manual: true }');
          await tab.run(
            "client.on('count', ({ data }) => sessionStorage.all = [sessionStorage.all, data]).open()",
          );
        };
        const untilAll = (last: number) => tab.until(`sessionStorage.all?.endsWith(',${last}')`);
        await follow();
        await tab.untilStatus('open');
        await numbers.publish(app.channels, 3);
        await untilAll(3);
        const loaded = tab.page.reload();
        // Some of them reach the page that goes, the rest the one that comes.
        await numbers.publish(app.channels, 3);
        await loaded;
        await numbers.publish(app.channels, 3);
        await follow();
        await untilAll(9);
        expect(await tab.page.evaluate('sessionStorage.all')).toBe(`,${numbers.all.join()}`);
      },
      BROWSER_TEST_MS,
    );

    it(
      'comes back at once when it is online again',
      async () => {
        const { states } = await survive(
          async () => {
            await context.setOffline(true);
            proxy.cut();
            // It has tried, and waits by its own patience, which is longer than this case may take.
            await tab.until(
              "client.getSnapshot().status === 'waiting' && client.getSnapshot().attempt === 1",
            );
            await context.setOffline(false);
          },
          '/news',
          '{ backoff: { baseMs: 3_600_000, maxMs: 3_600_000 } }',
        );
        expect(states.at(-1)).toBe('open');
      },
      BROWSER_TEST_MS,
    );
  }
});

/** Resolves once the node has no stream open. */
async function noStreams(app: TestApp): Promise<void> {
  await Promise.all(app.channels.connections().map(({ signal }) => aborted(signal)));
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) {
      resolve();
    } else {
      signal.addEventListener('abort', () => resolve(), { once: true });
    }
  });
}
