import type { Browser, BrowserContext } from 'playwright-core';
import { browserScript } from './client-bundle.js';

const WAIT_MS = 15_000;

/**
 * A browser of its own, whose pages have the exports of a module as `nestcast`, after each load; by default all of the
 * client's core.
 */
export async function clientContext(
  browser: Browser,
  module = `export * from '@nestcast/client';`,
): Promise<BrowserContext> {
  const context = await browser.newContext();
  context.setDefaultTimeout(WAIT_MS);
  // An init script has a scope of its own.
  const content = await browserScript(module, {
    globalName: 'nestcast',
    footer: { js: 'globalThis.nestcast = nestcast;' },
  });
  await context.addInitScript({ content });
  return context;
}
