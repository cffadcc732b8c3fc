import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';

import { violations } from './support/axe.js';
import { tour } from './support/keyboard.js';
import { type SampleApp, startSample } from './support/sample-app.js';
import { enter, SamplePages } from './support/sample-pages.js';
import { PLACES, type Place, settled, show, transitioned } from './support/sample-places.js';
import { seed, seeded } from './support/sample-seed.js';

const BROWSER_TEST_MS = 60_000;
const DESKTOP = { width: 1280, height: 800 };
const PHONE = { width: 390, height: 844 };
const NARROW = { width: 360, height: 740 };

let sample: SampleApp;
let pages: SamplePages;

beforeAll(async () => {
  [sample, pages] = await Promise.all([startSample(), SamplePages.launch()]);
  await seed(sample.url);
}, 300_000);
afterAll(async () => {
  await pages.quit();
  await sample.close();
});

/** In light and dark, on a desk and on a phone. Nothing moves: what is half faded in has no contrast. */
async function violationsOf(page: Page): Promise<Record<string, string[]>> {
  const found: Record<string, string[]> = {};
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    for (const viewport of [DESKTOP, PHONE]) {
      await page.setViewportSize(viewport);
      await transitioned(page);
      found[`${colorScheme}, ${viewport.width} px`] = await violations(page);
    }
  }
  return found;
}

const NONE = {
  'light, 1280 px': [],
  'light, 390 px': [],
  'dark, 1280 px': [],
  'dark, 390 px': [],
};

/** How many pixels wider than the window the document is. */
async function overhang(page: Page): Promise<number> {
  await page.setViewportSize(NARROW);
  return page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
}

describe('signing in', () => {
  it(
    'works for everybody: contrast, names, keyboard, and a narrow window',
    async () => {
      const page = await pages.open(sample.url);
      await page.getByText('Demo accounts').waitFor();
      await settled(page);
      expect(await violationsOf(page)).toEqual(NONE);
      expect(await overhang(page)).toBe(0);
      await page.setViewportSize(DESKTOP);
      expect(await tour(page)).toEqual({ unreachable: [], unmarked: [] });
      expect(await pages.close()).toEqual([]);
    },
    BROWSER_TEST_MS,
  );
});

describe('the pages', () => {
  let page: Page;
  beforeAll(async () => {
    await seeded(sample.url);
    page = await pages.open(sample.url);
    await enter(page, 'ada');
  }, BROWSER_TEST_MS);
  afterAll(async () => {
    expect(await pages.close()).toEqual([]);
  });

  it.each(PLACES)(
    'work for everybody: $name',
    async (place) => {
      await page.setViewportSize(DESKTOP);
      await show(page, place);
      expect(await violationsOf(page)).toEqual(NONE);
      expect(await overhang(page)).toBe(0);
      await page.setViewportSize(DESKTOP);
      expect(await tour(page)).toEqual({ unreachable: [], unmarked: [] });
    },
    BROWSER_TEST_MS,
  );

  it(
    'work for everybody: what opens over them',
    async () => {
      await page.setViewportSize(DESKTOP);
      await show(page, PLACES[0] as Place);
      await page.getByRole('button', { name: 'Write' }).click();
      await page.getByRole('dialog').waitFor();
      expect(await violationsOf(page)).toEqual(NONE);
      await page.keyboard.press('Escape');
      await page.setViewportSize(DESKTOP);
      await page.getByRole('button', { name: /^Account/ }).click();
      await page.getByRole('button', { name: 'Sign out', exact: true }).waitFor();
      expect(await violationsOf(page)).toEqual(NONE);
      await page.keyboard.press('Escape');
    },
    BROWSER_TEST_MS,
  );
});
