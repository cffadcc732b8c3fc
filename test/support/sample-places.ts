import type { Page } from 'playwright-core';

import { FILE_NAME, QUESTION } from './sample-seed.js';

export interface Place {
  readonly name: string;
  readonly path: string;
  /** What of its seed is opened there. */
  readonly open?: { readonly role: 'link' | 'button'; readonly name: string };
}

/** Each page of the sample, as far as all of them are looked at alike. */
export const PLACES: readonly Place[] = [
  { name: 'inbox', path: '/' },
  { name: 'assistant', path: '/ask', open: { role: 'link', name: QUESTION } },
  { name: 'import', path: '/upload', open: { role: 'link', name: FILE_NAME } },
  { name: 'scores', path: '/live' },
  { name: 'operations', path: '/ops' },
];

/** Goes there without a new document, as its link does, and waits until the page is there. */
export async function show(page: Page, { path, open }: Place): Promise<void> {
  await page.getByRole('navigation', { name: 'Pages' }).locator(`a[href="${path}"]`).click();
  await settled(page);
  if (open !== undefined) {
    await page.getByRole('main').getByRole(open.role, { name: open.name }).click();
    await settled(page);
  }
}

/** Resolves when the page has its heading, and nothing of it is on the way. */
export async function settled(page: Page): Promise<void> {
  await page.locator('h1').waitFor();
  await page.locator('.waiting, .skeleton, [aria-busy="true"]').first().waitFor({ state: 'detached' });
}

/** Resolves when nothing is on its way from one colour to another; what turns as long as one waits is left to turn. */
export async function transitioned(page: Page): Promise<void> {
  await page.evaluate(async () => {
    const ending = document
      .getAnimations()
      .filter(({ effect }) => effect?.getComputedTiming().endTime !== Infinity);
    await Promise.allSettled(ending.map(({ finished }) => finished));
  });
}
