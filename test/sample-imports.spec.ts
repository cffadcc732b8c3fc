import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { Browser, BrowserContext, Page } from 'playwright-core';

import { launchChromium } from './support/chromium.js';
import { deleteFolder, sampleFolder } from './support/sample-folder.js';
import { SampleProcess } from './support/sample-process.js';
import { SampleUser } from './support/sample-user.js';

const WAIT_MS = 60_000;
const LINES = 300;
/** Every seventh has nobody of that name; the first line of the file names the columns. */
const isBad = (index: number): boolean => index % 7 === 3;
const indices = Array.from({ length: LINES }, (_, index) => index);
const BAD_LINES = indices.filter(isBad).map((index) => `${index + 2}`);
const GOOD_TITLES = indices.filter((index) => !isBad(index)).map((index) => `Title ${index}`);
const CSV = `recipient,title\n${indices.map((index) => `${isBad(index) ? 'nobody' : 'linus'},Title ${index}\n`).join('')}`;

jest.setTimeout(2 * WAIT_MS);

let browser: Browser;
let context: BrowserContext;
let folder: string;
let sample: SampleProcess;
let page: Page;

beforeAll(async () => {
  folder = await sampleFolder();
  [browser, sample] = await Promise.all([launchChromium(), start('0')]);
  context = await browser.newContext();
  context.setDefaultTimeout(WAIT_MS);
  page = await context.newPage();
}, WAIT_MS);
afterAll(async () => {
  await browser.close();
  await sample.kill();
  await deleteFolder(folder);
});

function start(port: string): Promise<SampleProcess> {
  return SampleProcess.start({
    DATABASE_FOLDER: folder,
    PORT: port,
    SESSION_SECRET: 'of-this-spec-alone-and-of-no-use-to-anybody',
  });
}

/** Kills the process and starts it again, on the same folder and port. */
async function killAndStart(): Promise<void> {
  const { port } = new URL(await sample.url());
  await sample.kill();
  sample = await start(port);
  await sample.url();
}

async function upload(name: string): Promise<void> {
  const buffer = Buffer.from(CSV);
  await page.getByLabel('CSV file').setInputFiles({ name, mimeType: 'text/csv', buffer });
}

const bar = (name: string) => page.getByRole('progressbar', { name: `Import of ${name}` });
const problemLines = (): Promise<string[]> => page.getByRole('rowheader').allTextContents();

/** Titles that somebody has got from `ada`, in the order in which they came. */
async function titlesOf(userId: string): Promise<string[]> {
  const user = await SampleUser.signIn(await sample.url(), userId);
  const titles: string[] = [];
  for (let next: number | null = 0; next !== null; ) {
    const part = await user.inbox(`?limit=100${next > 0 ? `&before=${next}` : ''}`);
    titles.push(...part.items.map(({ title }) => title));
    next = part.next;
  }
  return titles.toReversed();
}

describe('the page for imports', () => {
  it('shows an import as it goes on, through a reload, to its end', async () => {
    await page.goto(`${await sample.url()}/upload`);
    await page.getByLabel('User name').fill('ada');
    await page.getByLabel('Password').fill('nestcast');
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await upload('first.csv');
    await bar('first.csv').waitFor();
    await page.reload();
    await page.getByText('Complete: ').waitFor({ state: 'attached' });
    expect(await problemLines()).toEqual(BAD_LINES);
    expect(await titlesOf('linus')).toEqual(GOOD_TITLES);
  });
});
