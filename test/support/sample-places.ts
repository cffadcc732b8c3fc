import type { Page } from 'playwright-core';

/** Each page of the sample, as far as all of them are looked at alike. */
export const PLACES = [
  { name: 'inbox', path: '/' },
  { name: 'assistant', path: '/ask' },
  { name: 'import', path: '/upload' },
  { name: 'scores', path: '/live' },
  { name: 'operations', path: '/ops' },
] as const;

/** Goes there without a new document, as its link does, and waits until the page is there. */
export async function show(page: Page, path: string): Promise<void> {
  await page.getByRole('navigation', { name: 'Pages' }).locator(`a[href="${path}"]`).click();
  await settled(page);
}

/** Resolves when the page has its heading, and nothing of it is on the way. */
export async function settled(page: Page): Promise<void> {
  await page.locator('h1').waitFor();
  await page.locator('.waiting, [aria-busy="true"]').waitFor({ state: 'detached' });
}
