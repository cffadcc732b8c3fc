import { openSse } from '@nestcast/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';

import { setEnvironment } from './support/environment.js';
import { startSample, type SampleApp } from './support/sample-app.js';
import { deleteFolder, sampleFolder } from './support/sample-folder.js';
import { enter, SamplePages, state } from './support/sample-pages.js';
import { SampleUser } from './support/sample-user.js';

const BROWSER_TEST_MS = 60_000;
const PAGE_SIZE = 20;

// Sessions outlive a restart.
const restoreEnvironment = setEnvironment({ SESSION_SECRET: 'known to all nodes, and after a restart' });
let folder: string;
let sample: SampleApp;
let pages: SamplePages;

beforeAll(async () => {
  folder = await sampleFolder();
  [sample, pages] = await Promise.all([startSample(0, folder), SamplePages.launch()]);
}, 300_000);

afterEach(async () => {
  expect(await pages.close()).toEqual([]);
});

afterAll(async () => {
  await pages.quit();
  await sample.close();
  await deleteFolder(folder);
  restoreEnvironment();
});

async function open(userId: string): Promise<Page> {
  const page = await pages.open(sample.url);
  await enter(page, userId);
  await page.getByRole('group', { name: 'Show' }).waitFor();
  return page;
}

const item = (page: Page, title: string) => page.getByRole('article').filter({ hasText: title });
const marker = (page: Page, title: string) => page.getByRole('button', { name: `Mark “${title}” as read` });
const titles = (page: Page): Promise<string[]> =>
  page
    .getByRole('article')
    .evaluateAll((rows) => rows.map((row) => row.querySelector('h2')?.lastChild?.textContent ?? ''));

/** As the list, the navigation and the document's title tell it: all three must. */
async function unread(page: Page, count: number): Promise<void> {
  await page
    .getByText(count === 0 ? 'All read' : `${count} unread`, { exact: true })
    .first()
    .waitFor();
  const link = page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: /^Inbox/ });
  expect(await link.textContent()).toBe(count === 0 ? 'Inbox' : `Inbox${count} unread`);
  expect(await page.title()).toBe(count === 0 ? 'Inbox · Nestcast' : `(${count}) Inbox · Nestcast`);
}

async function write(page: Page, recipient: string, title: string): Promise<void> {
  await page.getByRole('button', { name: 'Write' }).click();
  await page.getByLabel('To', { exact: true }).selectOption({ label: recipient });
  await page.getByLabel('Title').fill(title);
}

/** What somebody has, read already: cases don't depend on one another. */
async function readAll(user: SampleUser): Promise<void> {
  await user.post('/notifications/read', { upTo: Number.MAX_SAFE_INTEGER });
}

describe('the inbox', () => {
  it(
    'shows each user its own notifications and everybody’s, as they happen',
    async () => {
      const [ada, grace] = [await open('ada'), await open('grace')];
      await Promise.all([unread(ada, 0), unread(grace, 0)]);
      await ada.getByText('Nothing here yet').waitFor();
      await write(ada, 'Grace Hopper', 'Only for Grace');
      await ada.getByRole('button', { name: 'Send' }).click();
      await item(grace, 'Only for Grace').waitFor();
      await grace.getByRole('status').filter({ hasText: 'New from Ada Lovelace: Only for Grace' }).waitFor();
      await write(grace, 'Everybody', 'For all');
      // Once, however often it is asked for.
      await grace.getByRole('button', { name: 'Send' }).dblclick();
      await Promise.all([item(ada, 'For all').waitFor(), item(grace, 'For all').waitFor()]);
      await grace.getByRole('dialog').waitFor({ state: 'hidden' });
      await Promise.all([unread(ada, 1), unread(grace, 2)]);
      expect(await titles(ada)).toEqual(['For all']);
      expect(await titles(grace)).toEqual(['For all', 'Only for Grace']);
    },
    BROWSER_TEST_MS,
  );

  it(
    'sends once what is sent again because no answer came',
    async () => {
      const tim = await SampleUser.signIn(sample.url, 'tim');
      await readAll(tim);
      const page = await open('tim');
      let lost = 0;
      await page.route('**/notifications', async (route) => {
        if (route.request().method() === 'POST' && lost === 0) {
          lost += 1;
          await route.fetch();
          await route.abort();
        } else {
          await route.fallback();
        }
      });
      await write(page, 'Tim Berners-Lee', 'Answer lost');
      await page.getByRole('button', { name: 'Send' }).click();
      await page.getByRole('alert').filter({ hasText: 'it arrives only once' }).waitFor();
      await page.getByRole('button', { name: 'Send' }).click();
      await page.getByRole('dialog').waitFor({ state: 'hidden' });
      await unread(page, 1);
      expect((await titles(page)).filter((title) => title === 'Answer lost')).toHaveLength(1);
    },
    BROWSER_TEST_MS,
  );

  it(
    'shows in every tab what is read in one, pages of older ones, and only what is unread',
    async () => {
      const linus = await SampleUser.signIn(sample.url, 'linus');
      await readAll(linus);
      for (let number = 1; number <= PAGE_SIZE + 2; number += 1) {
        await linus.tell('linus', `Note ${number}.`);
      }
      const page = await open('linus');
      await unread(page, PAGE_SIZE + 2);
      const tab = await pages.openTab(page);
      await unread(tab, PAGE_SIZE + 2);
      await marker(page, `Note ${PAGE_SIZE}.`).click();
      await Promise.all([unread(page, PAGE_SIZE + 1), unread(tab, PAGE_SIZE + 1)]);
      await marker(tab, `Note ${PAGE_SIZE}.`).waitFor({ state: 'detached' });

      expect(await titles(page)).toHaveLength(PAGE_SIZE);
      await page.getByRole('button', { name: 'Show older' }).click();
      await item(page, 'Note 1.').waitFor();
      expect((await titles(page)).slice(0, PAGE_SIZE + 2)).toEqual(
        Array.from({ length: PAGE_SIZE + 2 }, (_, at) => `Note ${PAGE_SIZE + 2 - at}.`),
      );

      await page.getByRole('radio', { name: 'Unread' }).check();
      await item(page, `Note ${PAGE_SIZE}.`).waitFor({ state: 'detached' });
      await tab.getByRole('button', { name: 'Mark all as read' }).click();
      await Promise.all([unread(page, 0), unread(tab, 0)]);
      await page.getByRole('heading', { name: 'All read' }).waitFor();
      await page.reload();
      await unread(page, 0);
      await item(page, 'Note 3.').waitFor();
      await tab.getByRole('link', { name: 'Live scores' }).click();
      await linus.tell('linus', 'While elsewhere');
      // Of oneself there is no message; of others there is.
      await (await SampleUser.signIn(sample.url, 'ada')).tell('linus', 'From elsewhere');
      await tab.getByRole('log', { name: 'Messages' }).getByText('From elsewhere').waitFor();
      expect(await tab.getByRole('log', { name: 'Messages' }).getByText('While elsewhere').count()).toBe(0);
    },
    BROWSER_TEST_MS,
  );

  it(
    'fetches anew what it has missed while the server was away',
    async () => {
      let barbara = await SampleUser.signIn(sample.url, 'barbara');
      await readAll(barbara);
      await barbara.tell('barbara', 'Before');
      const page = await open('barbara');
      await unread(page, 1);
      const { port } = sample;
      await sample.close();
      // The memory of events begins anew with each start, the database goes on: nobody hears of these.
      sample = await startSample(0, folder);
      barbara = barbara.at(sample.url);
      for (let number = 1; number <= PAGE_SIZE + 3; number += 1) {
        await barbara.tell('barbara', `Missed ${number}.`);
      }
      const before = await barbara.inbox('?limit=100');
      const old = before.items.find(({ title }) => title === 'Before');
      await barbara.post('/notifications/read', { ids: [old?.id] });
      await sample.close();
      sample = await startSample(port, folder);
      // It needn't wait until it is its turn to try again.
      await page.evaluate(() => dispatchEvent(new Event('online')));
      await unread(page, PAGE_SIZE + 3);
      await state(page, 'live');
      barbara = barbara.at(sample.url);
      await barbara.tell('barbara', 'Live again');
      await item(page, 'Live again').waitFor();
      await page.getByRole('button', { name: 'Show older' }).click();
      await item(page, 'Before').waitFor();
      expect((await titles(page)).slice(0, PAGE_SIZE + 5)).toEqual([
        'Live again',
        ...Array.from({ length: PAGE_SIZE + 3 }, (_, at) => `Missed ${PAGE_SIZE + 3 - at}.`),
        'Before',
      ]);
      expect(await marker(page, 'Before').count()).toBe(0);
      await unread(page, PAGE_SIZE + 4);
    },
    BROWSER_TEST_MS,
  );

  it(
    'can be used with the keyboard alone',
    async () => {
      const margaret = await SampleUser.signIn(sample.url, 'margaret');
      await readAll(margaret);
      const page = await open('margaret');
      await page.getByRole('button', { name: 'Write' }).focus();
      await page.keyboard.press('Enter');
      await page.getByLabel('To', { exact: true }).focus();
      await page.keyboard.type('Marg');
      await page.keyboard.press('Tab');
      await page.keyboard.press('Enter');
      await page.getByText('Write a title.').waitFor();
      await page.keyboard.type('By keyboard');
      await page.keyboard.press('Enter');
      await page.getByRole('dialog').waitFor({ state: 'hidden' });
      const opener = page.getByRole('button', { name: 'Write' });
      expect(await opener.evaluate((button) => button === document.activeElement)).toBe(true);
      await unread(page, 1);
      await page.keyboard.press('Tab');
      await page.keyboard.press('Tab');
      await page.keyboard.press('Tab');
      await page.keyboard.press('Enter');
      await unread(page, 0);
      const row = item(page, 'By keyboard');
      expect(await row.evaluate((article) => article === document.activeElement)).toBe(true);
    },
    BROWSER_TEST_MS,
  );

  it(
    'shows what there is while its stream is refused, for now or for good, says so, and goes on when asked',
    async () => {
      const ada = await SampleUser.signIn(sample.url, 'ada');
      await readAll(ada);
      const others = await Promise.all(
        Array.from({ length: 3 }, () =>
          openSse(`${sample.url}/notifications/stream`, { headers: { cookie: ada.cookie } }),
        ),
      );
      const page = await pages.open(sample.url);
      await enter(page, 'ada', 'refused');
      await ada.tell('ada', 'While refused');
      await page.getByText('Busy, again in').waitFor();
      await Promise.all(others.map((stream) => stream.abort()));
      await page.getByRole('button', { name: 'Try now' }).click();
      await state(page, 'live');
      await item(page, 'While refused').waitFor();

      await page.route('**/notifications/stream', (route) => route.fulfill({ status: 403 }));
      await ada.post('/operations/disconnect', { userId: 'ada' });
      await page.getByText('Not connected', { exact: true }).waitFor();
      await ada.tell('ada', 'While closed');
      await page.unroute('**/notifications/stream');
      await page.getByRole('button', { name: 'Try now' }).click();
      await item(page, 'While closed').waitFor();
      await unread(page, 2);
    },
    BROWSER_TEST_MS,
  );
});
