import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';

import { type SampleApp, startSample } from './support/sample-app.js';
import { enter, leave, SamplePages, state } from './support/sample-pages.js';
import { SampleUser } from './support/sample-user.js';

const BROWSER_TEST_MS = 60_000;
const SECRET = 'for grace only';
let sample: SampleApp;
let pages: SamplePages;

beforeAll(async () => {
  [sample, pages] = await Promise.all([startSample(), SamplePages.launch()]);
}, 300_000);
afterAll(async () => {
  await pages.quit();
  await sample.close();
});

/** Keeps whatever comes over a BroadcastChannel of the page, of whatever name. */
function recordBroadcasts(): void {
  const heard: string[] = [];
  Object.assign(globalThis, { heard });
  const Original = BroadcastChannel;
  globalThis.BroadcastChannel = class extends Original {
    constructor(name: string) {
      super(name);
      this.addEventListener('message', ({ data }) => heard.push(`${name}: ${JSON.stringify(data)}`));
    }
  };
}

/** All that a tab has: what it shows, has heard of others, and keeps. */
const contentOf = (page: Page): Promise<string> =>
  page.evaluate(() =>
    JSON.stringify([
      document.documentElement.outerHTML,
      (globalThis as unknown as { heard: string[] }).heard,
      Object.entries(localStorage),
      Object.entries(sessionStorage),
      performance.getEntriesByType('resource').map(({ name }) => name),
    ]),
  );

const heardOn = (page: Page, text: string): Promise<unknown> =>
  page.waitForFunction(
    (wanted) =>
      document.body.innerText.includes(wanted) ||
      (globalThis as unknown as { heard: string[] }).heard.some((each) => each.includes(wanted)),
    text,
  );

describe('two people at one browser, one after the other', () => {
  it(
    'see each their own, in all tabs',
    async () => {
      const grace = await SampleUser.signIn(sample.url, 'grace');
      const first = await pages.open('about:blank');
      await first.context().addInitScript(recordBroadcasts);
      await first.goto(sample.url);
      await enter(first, 'grace');
      const second = await pages.openTab(first);
      await state(second, 'live');
      await grace.tell('grace', SECRET);
      // One of the tabs has it from the server, and tells the other.
      await Promise.any([first, second].map((page) => heardOn(page, SECRET)));

      await leave(first);
      await second.getByLabel('User name').waitFor();
      // Nobody's, in between.
      await grace.tell('grace', `${SECRET}, while she was away`);
      await enter(second, 'linus');
      await state(first, 'live');
      await Promise.all([first, second].map((page) => page.evaluate('heard.length = 0')));

      await grace.tell('grace', `${SECRET}, later`);
      const linus = await SampleUser.signIn(sample.url, 'linus');
      await linus.tell('linus', 'for linus');
      await Promise.all([first, second].map((page) => heardOn(page, 'for linus')));
      for (const page of [first, second]) {
        expect(await contentOf(page)).not.toContain(SECRET);
      }

      // Nor is it there when the page is loaded anew.
      await first.reload();
      await state(first, 'live');
      expect(await contentOf(first)).not.toContain(SECRET);
      expect(await pages.close()).toEqual([]);
    },
    BROWSER_TEST_MS,
  );
});
