import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';

import { DEMO_PASSWORD } from '../../apps/notifications/src/spec-support/sample-template.js';
import { launchChromium } from './chromium.js';

const WAIT_MS = 15_000;
const DESKTOP = { width: 1280, height: 800 };

/** Chromium with the sample's pages, in browsers that share nothing. */
export class SamplePages {
  private contexts: BrowserContext[] = [];
  private complaints: string[] = [];

  private constructor(private readonly browser: Browser) {}

  static async launch(): Promise<SamplePages> {
    return new SamplePages(await launchChromium());
  }

  /** Opens the page in a browser of its own. */
  async open(url: string, options: BrowserContextOptions = {}): Promise<Page> {
    const context = await this.browser.newContext({ viewport: DESKTOP, ...options });
    this.contexts.push(context);
    context.setDefaultTimeout(WAIT_MS);
    return this.goTo(context, url);
  }

  /** Opens it once more, in another tab of the same browser. */
  openTab(page: Page, url = page.url()): Promise<Page> {
    return this.goTo(page.context(), url);
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

  private async goTo(context: BrowserContext, url: string): Promise<Page> {
    const page = await context.newPage();
    page.on('pageerror', (error) => this.complaints.push(error.message));
    page.on('console', (message) => {
      if (message.text().includes('Content Security Policy')) {
        this.complaints.push(message.text());
      }
    });
    await page.goto(url);
    return page;
  }
}

/** Signs in on the page that asks for it, and waits for its connection: until events come as they happen, if nothing else is said. */
export async function enter(page: Page, userId: string, connection = 'live'): Promise<void> {
  await page.getByLabel('User name').fill(userId);
  await page.getByLabel('Password').fill(DEMO_PASSWORD);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await state(page, connection);
}

/** As the account's menu offers it. */
export async function leave(page: Page): Promise<void> {
  await page.getByRole('button', { name: /^Account/ }).click();
  await page.getByRole('button', { name: 'Sign out', exact: true }).click();
  await page.getByLabel('User name').waitFor();
}

/** Resolves when the page says that its connection is in this state. */
export const state = (page: Page, name: string): Promise<void> =>
  page.locator(`.connection[data-state="${name}"]`).waitFor();
