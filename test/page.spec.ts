import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';

import { setEnvironment } from './support/environment.js';
import { signIn, startSample, type SampleApp } from './support/sample-app.js';
import { enter, SamplePages, state } from './support/sample-pages.js';

const BROWSER_TEST_MS = 60_000;
const SECRET = 'the same before and after a restart';
let pages: SamplePages;
let sample: SampleApp;
let restore: () => void;

beforeAll(async () => {
  pages = await SamplePages.launch();
}, 300_000);

afterAll(() => pages.quit());

beforeEach(async () => {
  restore = setEnvironment({ SESSION_SECRET: SECRET });
  sample = await startSample();
});

afterEach(async () => {
  const complaints = await pages.close();
  await sample.close();
  restore();
  expect(complaints).toEqual([]);
});

const openPage = (viewport?: { width: number; height: number }): Promise<Page> =>
  pages.open(sample.url, viewport);

async function openAs(userId: string): Promise<Page> {
  const page = await openPage();
  await enter(page, userId);
  return page;
}

const itemsOf = (page: Page, title: string) => page.locator('#list > li').filter({ hasText: title });

async function send(page: Page, to: string, title: string): Promise<void> {
  const form = page.locator('#compose-form');
  await form.getByRole('radio', { name: to === '*' ? 'Everybody' : 'One person' }).check();
  if (to !== '*') {
    await form.getByLabel('User ID').fill(to);
  }
  await form.getByLabel('Title').fill(title);
  await form.getByRole('button', { name: 'Send' }).click();
}

describe('the page in Chromium', () => {
  it(
    'shows a notification live to the one it is for, and an announcement to all',
    async () => {
      const [ada, grace] = [await openAs('ada'), await openAs('grace')];
      await ada.getByText('All quiet').waitFor();

      await send(ada, 'grace', 'Only for grace');
      await ada.getByText('Sent to grace').waitFor();
      await itemsOf(grace, 'Only for grace').waitFor();
      await grace.locator('.toast', { hasText: 'Only for grace' }).waitFor();

      await send(grace, '*', 'For all of you');
      await itemsOf(ada, 'For all of you').getByText('Announcement').waitFor();
      await itemsOf(grace, 'For all of you').waitFor();
      // The announcement came after it on the same connection, so it isn't on its way any more.
      expect(await itemsOf(ada, 'Only for grace').count()).toBe(0);
      expect(await ada.title()).toBe('(1) Nestcast');
    },
    BROWSER_TEST_MS,
  );

  it(
    'loads the history, shows levels, and remembers what was read',
    async () => {
      const user = await signIn(sample.url, 'ada');
      for (const level of ['info', 'warning', 'error']) {
        await user.send({ userId: 'ada', title: `An ${level}`, body: '<b>not markup</b>', level });
      }
      const page = await openAs('ada');
      await itemsOf(page, 'An info').waitFor();
      const items = await page.locator('#list > li').all();
      const levels = await Promise.all(items.map((item) => item.getAttribute('data-level')));
      expect(levels).toEqual(['error', 'warning', 'info']);
      expect(await itemsOf(page, '<b>not markup</b>').count()).toBe(3);

      await page.getByText('3 unread').waitFor();
      await page.getByRole('button', { name: 'Mark “An info” as read' }).click();
      await page.getByText('2 unread').waitFor();
      await page.reload();
      await page.getByText('2 unread').waitFor();
      await page.getByRole('button', { name: 'Mark all read' }).click();
      await page.locator('#unread-badge').waitFor({ state: 'hidden' });
    },
    BROWSER_TEST_MS,
  );

  it(
    'comes back after the server was gone, with nothing lost and nothing twice',
    async () => {
      const ada = await openAs('ada');
      await send(ada, 'ada', 'Before');
      await itemsOf(ada, 'Before').waitFor();

      await sample.close();
      await state(ada, 'reconnecting');
      sample = await startSample(sample.port);
      const grace = await signIn(sample.url, 'grace');
      await grace.send({ userId: 'ada', title: 'Meanwhile', level: 'warning' });
      await state(ada, 'live');
      await itemsOf(ada, 'Meanwhile').waitFor();

      await grace.send({ userId: 'ada', title: 'After', level: 'info' });
      await itemsOf(ada, 'After').waitFor();
      expect(await ada.locator('#list .item-title [data-title]').allTextContents()).toEqual([
        'After',
        'Meanwhile',
        'Before',
      ]);
    },
    BROWSER_TEST_MS,
  );

  it(
    'says what the server has against the input, at the field',
    async () => {
      const page = await openPage();
      await page.getByLabel('User ID').first().fill('a b');
      await page.getByRole('button', { name: 'Sign in' }).click();
      await page.locator('#sign-in').getByText('User ID must have 1 to 64 letters').waitFor();

      await enter(page, 'ada');
      await send(page, 'ada', '');
      await page.locator('#title-error').getByText('Title must have 1 to 120 characters.').waitFor();
      expect(await page.getByLabel('Title').getAttribute('aria-invalid')).not.toBeNull();

      await page.getByLabel('Title').fill('x'.repeat(121));
      await page.getByText('121 / 120').waitFor();
      await send(page, 'ada', 'A proper title');
      await itemsOf(page, 'A proper title').waitFor();
      await page.locator('#title-error').waitFor({ state: 'hidden' });
    },
    BROWSER_TEST_MS,
  );

  it(
    'signs out in all tabs',
    async () => {
      const page = await openAs('ada');
      const tab = await page.context().newPage();
      await tab.goto(sample.url);
      await state(tab, 'live');
      await page.getByRole('button', { name: 'Sign out', exact: true }).click();
      await state(page, 'signed-out');
      await state(tab, 'signed-out');
      await tab.getByText('Sign in to your inbox').waitFor();
    },
    BROWSER_TEST_MS,
  );

  it(
    'fits a phone',
    async () => {
      const page = await openPage({ width: 360, height: 780 });
      const overflow = (): Promise<number> =>
        page.evaluate<number>('document.documentElement.scrollWidth - window.innerWidth');
      expect(await overflow()).toBeLessThanOrEqual(0);
      await enter(page, 'a'.repeat(64));
      expect(await overflow()).toBeLessThanOrEqual(0);
      await page.getByRole('button', { name: 'New' }).click();
      await send(page, '*', 'W'.repeat(120));
      await itemsOf(page, 'WWW').waitFor();
      await page.locator('.toast').waitFor();
      expect(await overflow()).toBeLessThanOrEqual(0);
    },
    BROWSER_TEST_MS,
  );
});
