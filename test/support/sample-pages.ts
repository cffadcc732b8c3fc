import type { Browser, BrowserContext, Page } from 'playwright-core';

import { launchChromium } from './chromium.js';

const WAIT_MS = 15_000;

/** Chromium with the sample's page, in browsers that share nothing. */
export class SamplePages {
  private contexts: BrowserContext[] = [];
  private complaints: string[] = [];

  private constructor(private readonly browser: Browser) {}

  static async launch(): Promise<SamplePages> {
    return new SamplePages(await launchChromium());
  }

  /** Opens the page in a browser of its own. */
  async open(url: string, viewport = { width: 1200, height: 800 }): Promise<Page> {
    const context = await this.browser.newContext({ viewport });
    this.contexts.push(context);
    context.setDefaultTimeout(WAIT_MS);
    const page = await context.newPage();
    await this.goTo(page, url);
    return page;
  }

  /** Opens it once more, in another tab of the same browser. */
  async openTab(page: Page): Promise<Page> {
    const tab = await page.context().newPage();
    await this.goTo(tab, page.url());
    return tab;
  }

  /** Closes all; what it returns are errors of scripts, and whatever the Content-Security-Policy has blocked. */
  async close(): Promise<string[]> {
    const { contexts, complaints } = this;
    [this.contexts, this.complaints] = [[], []];
    await Promise.all(contexts.map((context) => context.close()));
    return complaints;
  }

  quit(): Promise<void> {
    return this.browser.close();
  }

  private async goTo(page: Page, url: string): Promise<void> {
    page.on('pageerror', (error) => this.complaints.push(error.message));
    page.on('console', (message) => {
      if (message.text().includes('Content Security Policy')) {
        this.complaints.push(message.text());
      }
    });
    await page.goto(url);
  }
}

export async function enter(page: Page, userId: string): Promise<void> {
  await page.getByLabel('User ID').first().fill(userId);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await state(page, 'live');
}

/** Resolves when the page says that its connection is in this state. */
export const state = (page: Page, name: string): Promise<void> =>
  page.locator(`#connection[data-state="${name}"]`).waitFor();
