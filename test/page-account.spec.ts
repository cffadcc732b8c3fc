import { setImmediate as turn } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';

import { signIn, startSample, type SampleApp } from './support/sample-app.js';
import { enter, SamplePages, state } from './support/sample-pages.js';

const BROWSER_TEST_MS = 60_000;
let pages: SamplePages;
let sample: SampleApp;

beforeAll(async () => {
  pages = await SamplePages.launch();
}, 300_000);

afterAll(() => pages.quit());

beforeEach(async () => {
  sample = await startSample();
});

afterEach(async () => {
  const complaints = await pages.close();
  await sample.close();
  expect(complaints).toEqual([]);
});

async function openAs(userId: string, viewport?: { width: number; height: number }): Promise<Page> {
  const page = await pages.open(sample.url, viewport);
  await enter(page, userId);
  return page;
}

/** How many streams the page has opened since it was loaded, whether they go on or not. */
function countStreams(page: Page): () => number {
  let count = 0;
  page.on('request', (request) => {
    count += request.resourceType() === 'eventsource' ? 1 : 0;
  });
  return () => count;
}

/** Resolves when the server has this many streams. */
async function untilConnected(count: number): Promise<void> {
  for (;;) {
    const answer = await fetch(`${sample.url}/health/ready`);
    const { details } = (await answer.json()) as { details: { sse: { connections: number } } };
    if (details.sse.connections === count) {
      return;
    }
    await turn();
  }
}

const figure = (page: Page, name: string) => page.locator(`[data-figure="${name}"]`);

describe('the account on the page in Chromium', () => {
  it(
    'signs out everywhere: all other browsers are told at once, and stay outside',
    async () => {
      const [laptop, phone] = [await openAs('ada'), await openAs('ada', { width: 360, height: 780 })];
      const grace = await openAs('grace');
      const tab = await pages.openTab(laptop);
      await state(tab, 'live');

      await phone.getByRole('button', { name: 'Sign out everywhere' }).click();
      await phone.getByText('You are signed out in all browsers and on all devices.').waitFor();
      for (const other of [laptop, tab]) {
        await other.getByText('You were signed out.').waitFor({ timeout: 1_000 });
        await state(other, 'signed-out');
      }
      await laptop.reload();
      await laptop.getByText('Sign in to your inbox').waitFor();
      // Nothing has happened to a page that was never signed in.
      await laptop.getByText('You were signed out.').waitFor({ state: 'hidden' });
      await state(grace, 'live');

      await enter(laptop, 'ada');
    },
    BROWSER_TEST_MS,
  );

  it(
    'says that it is open in too many places, and goes live when there is room',
    async () => {
      const first = await openAs('ada');
      const tabs = [await pages.openTab(first), await pages.openTab(first)];
      await Promise.all(tabs.map((tab) => state(tab, 'live')));
      const fourth = await pages.openTab(first);
      await state(fourth, 'refused');
      await fourth.getByText('Your inbox is open in as many places as it can be.').waitFor();
      // No stream, but the list.
      await fourth.getByText('All quiet').waitFor();

      await first.close();
      await state(fourth, 'live');
      await fourth.getByText('Your inbox is open in as many places').waitFor({ state: 'hidden' });
      await (await signIn(sample.url, 'grace')).send({ userId: 'ada', title: 'Now you', level: 'info' });
      await fourth.locator('#list > li', { hasText: 'Now you' }).waitFor();
    },
    BROWSER_TEST_MS,
  );

  it(
    'tries again when told to, without waiting for its moment',
    async () => {
      const first = await openAs('ada');
      const tabs = [await pages.openTab(first), await pages.openTab(first)];
      await Promise.all(tabs.map((tab) => state(tab, 'live')));
      const { clock } = first.context();
      await clock.install();
      // No timer of a page runs any more: nothing comes back by itself.
      await clock.pauseAt(Date.now() + 60_000);
      const fourth = await pages.openTab(first);
      await state(fourth, 'refused');
      const tryAgain = fourth.getByRole('button', { name: 'Try again' });
      const streams = countStreams(fourth);
      await tryAgain.click();
      await state(fourth, 'refused');
      await tryAgain.waitFor();
      expect(streams()).toBe(1);

      await first.close();
      await untilConnected(2);
      await tryAgain.click();
      await state(fourth, 'live');
      await tryAgain.waitFor({ state: 'hidden' });
      expect(await fourth.evaluate<string>('document.activeElement.id')).toBe('main');
    },
    BROWSER_TEST_MS,
  );
});

describe('the figures of the node on the page in Chromium', () => {
  it(
    'are live while they are looked at, on the one stream of the page',
    async () => {
      const ada = await openAs('ada');
      await openAs('grace');
      const streams = countStreams(ada);
      await ada.getByText('This node').click();
      await ada.locator('#figures[data-state="live"]').waitFor();
      expect(await figure(ada, 'connections').textContent()).toBe('2');
      expect(await figure(ada, 'users').textContent()).toBe('2');
      expect(await figure(ada, 'refusals').textContent()).toBe('0');
      expect(await figure(ada, 'memoryBytes').textContent()).toMatch(/^[\d.]+ [MG]B$/);
      expect(await figure(ada, 'eventLoopDelayMs').textContent()).toMatch(/^\d+(\.\d)? ms$/);
      expect(streams()).toBe(1);
      await state(ada, 'live');

      const shifts = await ada.evaluate<number>(`new Promise((resolve) => {
        let sum = 0;
        new PerformanceObserver((list) => list.getEntries().forEach(({ value }) => { sum += value; }))
          .observe({ type: 'layout-shift' });
        const curve = document.querySelector('[data-curve="connections"] polyline');
        const before = curve.getAttribute('points');
        new MutationObserver((_, observer) => {
          if (curve.getAttribute('points').split(' ').length > before.split(' ').length + 1) {
            observer.disconnect();
            requestAnimationFrame(() => resolve(sum));
          }
        }).observe(curve, { attributes: true });
      })`);
      expect(shifts).toBe(0);

      // What is published while the stream is changed is not lost.
      await ada.getByText('This node').click();
      await (await signIn(sample.url, 'grace')).send({ userId: 'ada', title: 'Meanwhile', level: 'info' });
      await ada.locator('#list > li', { hasText: 'Meanwhile' }).waitFor();
      await ada.locator('#figures[data-state="waiting"]').waitFor();
      expect(streams()).toBe(2);

      await ada.getByText('This node').click();
      await ada.locator('#figures[data-state="live"]').waitFor();
      await ada.reload();
      await ada.locator('#figures[open][data-state="live"]').waitFor();
    },
    BROWSER_TEST_MS,
  );

  it(
    'fit a phone, and say when they are not what is',
    async () => {
      const page = await openAs('a'.repeat(64), { width: 360, height: 780 });
      await page.getByText('This node').click();
      await page.locator('#figures[data-state="live"]').waitFor();
      const overflow = 'document.documentElement.scrollWidth - window.innerWidth';
      expect(await page.evaluate<number>(overflow)).toBeLessThanOrEqual(0);
      await page.context().setOffline(true);
      await page.locator('#figures[data-state="stale"]').waitFor();
      await page.context().setOffline(false);
      await page.locator('#figures[data-state="live"]').waitFor();
    },
    BROWSER_TEST_MS,
  );

  it(
    'say that the node is under pressure',
    async () => {
      const page = await openAs('ada');
      const show = (figures: object): Promise<unknown> =>
        page.evaluate(`import('/figures.js').then(({ FiguresPanel }) =>
          new FiguresPanel(() => undefined).show(${JSON.stringify(figures)}))`);
      await show({ eventLoopDelayMs: 612.34, refusals: 17, underPressure: true });
      await page.getByText('Under pressure').waitFor();
      expect(await figure(page, 'eventLoopDelayMs').textContent()).toBe('612.3 ms');
      expect(await figure(page, 'refusals').textContent()).toBe('17');
      await show({ underPressure: false });
      await page.getByText('Under pressure').waitFor({ state: 'hidden' });
    },
    BROWSER_TEST_MS,
  );
});
