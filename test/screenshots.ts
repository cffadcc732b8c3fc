/**
 * `npm run screenshots`: what the documents show of the sample, into docs/screenshots. No spec, though Jest runs it: it
 * asserts nothing, and its pictures change with each pixel.
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import type { Page } from 'playwright-core';

import { type SampleApp, startSample } from './support/sample-app.js';
import { deleteFolder, sampleFolder } from './support/sample-folder.js';
import { enter, SamplePages } from './support/sample-pages.js';
import { PLACES, show, transitioned } from './support/sample-places.js';
import { age, seed, seeded } from './support/sample-seed.js';
import { SampleUser } from './support/sample-user.js';

const MINUTES_MS = 300_000;
const TARGET = join(import.meta.dirname, '../docs/screenshots');
const SCHEMES = ['light', 'dark'] as const;
const WINDOWS = [
  { suffix: '', viewport: { width: 1280, height: 800 } },
  { suffix: '-phone', viewport: { width: 390, height: 844 } },
];
/** Where matches must have begun, and charts have something to draw. */
const LIVE = new Set(['/live', '/ops']);
const RUNNING_MS = 40_000;
const PAUSE_MS = 300;

let folder: string;
let sample: SampleApp;
let pages: SamplePages;

beforeAll(async () => {
  folder = await sampleFolder();
  sample = await startSample(0, folder);
  await seed(sample.url);
  await seeded(sample.url);
  await sample.close();
  await age(folder);
  [sample, pages] = await Promise.all([startSample(0, folder), SamplePages.launch()]);
  await mkdir(TARGET, { recursive: true });
}, MINUTES_MS);
afterAll(async () => {
  await pages.quit();
  await sample.close();
  await deleteFolder(folder);
}, MINUTES_MS);

async function take(page: Page, name: string): Promise<void> {
  for (const { suffix, viewport } of WINDOWS) {
    await page.setViewportSize(viewport);
    for (const colorScheme of SCHEMES) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await transitioned(page);
      await page.screenshot({ path: join(TARGET, `${name}-${colorScheme}${suffix}.png`), caret: 'hide' });
    }
  }
}

describe('screenshots', () => {
  it(
    'of who isn’t signed in',
    async () => {
      const page = await pages.open(sample.url);
      await page.getByText('Demo accounts').waitFor();
      await take(page, 'sign-in');
    },
    MINUTES_MS,
  );

  it(
    'of all pages, as an administrator sees them',
    async () => {
      // Others that are there too.
      for (const userId of ['grace', 'linus', 'tim']) {
        await enter(await pages.open(sample.url), userId);
      }
      const page = await pages.open(sample.url);
      await enter(page, 'ada');
      const leaving = new AbortController();
      const traffic = chatter(leaving.signal);
      for (const place of PLACES) {
        await page.setViewportSize({ width: 1280, height: 800 });
        await show(page, place);
        if (LIVE.has(place.path)) {
          await delay(RUNNING_MS);
        }
        await take(page, place.name);
      }
      leaving.abort();
      await traffic;
    },
    MINUTES_MS,
  );
});

/** Something to count: notes of Tim to himself. */
async function chatter(signal: AbortSignal): Promise<void> {
  const tim = await SampleUser.signIn(sample.url, 'tim');
  while (!signal.aborted) {
    await tim.tell('tim', 'A note to myself');
    await delay(PAUSE_MS);
  }
}
