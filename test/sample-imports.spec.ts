import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { openSse } from '@nestcast/testing';
import type { Locator, Page } from 'playwright-core';

import type { Import } from '../apps/notifications/src/imports/import.js';
import { deleteFolder, sampleFolder } from './support/sample-folder.js';
import { SamplePages, enter } from './support/sample-pages.js';
import { SampleProcess } from './support/sample-process.js';
import { SampleUser } from './support/sample-user.js';

const WAIT_MS = 60_000;

/** A file whose every seventh line is to nobody; its first line names the columns. */
class File {
  private readonly indices: readonly number[];

  constructor(readonly lines: number) {
    this.indices = Array.from({ length: lines }, (_, index) => index);
  }

  get csv(): string {
    const lines = this.indices.map((index) => `${isBad(index) ? 'nobody' : 'linus'},Title ${index}\n`);
    return `recipient,title\n${lines.join('')}`;
  }

  get badLines(): string[] {
    return this.indices.filter(isBad).map((index) => `${index + 2}`);
  }

  get goodTitles(): string[] {
    return this.indices.filter((index) => !isBad(index)).map((index) => `Title ${index}`);
  }
}
const isBad = (index: number): boolean => index % 7 === 3;

const FIRST = new File(60);
/** Long enough to be killed in the middle. */
const SECOND = new File(1_000);

jest.setTimeout(4 * WAIT_MS);

let pages: SamplePages;
let folder: string;
let sample: SampleProcess;

beforeAll(async () => {
  folder = await sampleFolder();
  [pages, sample] = await Promise.all([SamplePages.launch(), start('0')]);
}, WAIT_MS);
afterAll(async () => {
  await pages.quit();
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

async function upload(page: Page, name: string, { csv }: File): Promise<void> {
  const buffer = Buffer.from(csv);
  await page.getByLabel('CSV file').setInputFiles({ name, mimeType: 'text/csv', buffer });
}

const bar = (page: Page, name: string): Locator =>
  page.getByRole('progressbar', { name: `Import of ${name}` });

/** Resolves when the page has said so, to whoever listens. */
const said = (page: Page, text: string): Promise<void> =>
  page.getByRole('status').filter({ hasText: text }).waitFor({ state: 'attached' });

const problemLines = (page: Page): Promise<string[]> => page.getByRole('rowheader').allTextContents();

/** Titles that somebody has got from `ada`, in the order in which they came. */
async function titlesOf(userId: string): Promise<string[]> {
  const user = await SampleUser.signIn(await sample.url(), userId);
  const titles: string[] = [];
  for (let next: number | null = 0; next !== null;) {
    const part = await user.inbox(`?limit=100${next > 0 ? `&before=${next}` : ''}`);
    titles.push(...part.items.map(({ title }) => title));
    next = part.next;
  }
  return titles.toReversed();
}

it('goes on through a reload and a kill to its end, sends each good line once, and tells of the others', async () => {
  const page = await pages.open(`${await sample.url()}/upload`);
  page.setDefaultTimeout(WAIT_MS);
  await enter(page, 'ada');

  await upload(page, 'first.csv', FIRST);
  await said(page, 'The import of first.csv has begun.');
  await page.reload();
  // It may have ended before the page was there again: then nothing is said.
  await page.getByRole('main').getByText('9 problems', { exact: true }).first().waitFor();
  await page
    .getByRole('rowheader')
    .last()
    .filter({ hasText: FIRST.badLines.at(-1) as string })
    .waitFor();
  expect(await problemLines(page)).toEqual(FIRST.badLines);
  expect(await titlesOf('linus')).toEqual(FIRST.goodTitles);

  await upload(page, 'second.csv', SECOND);
  const seen: number[] = [];
  await page.exposeFunction('see', (percent: string) => seen.push(Number(percent)));
  await bar(page, 'second.csv').evaluate((element) => {
    const tell = (): void =>
      (globalThis as unknown as { see(it: string | null): void }).see(element.ariaValueNow);
    new MutationObserver(tell).observe(element, { attributeFilter: ['aria-valuenow'] });
  });
  await page.locator('[role=progressbar]:not([aria-valuenow="0"])').waitFor();
  await killAndStart();
  await said(page, 'The import of second.csv is complete: 857 lines sent, 143 problems.');
  expect(await problemLines(page)).toEqual(SECOND.badLines);
  expect(await titlesOf('linus')).toEqual([...FIRST.goodTitles, ...SECOND.goodTitles]);
  // In the middle, too, and never back.
  expect(new Set(seen).size).toBeGreaterThan(1);
  expect(seen).toEqual(seen.toSorted((a, b) => a - b));
  expect(await pages.close()).toEqual([]);
});

it('answers at once for one that has ended before the start', async () => {
  const ada = await SampleUser.signIn(await sample.url(), 'ada');
  const [latest, first] = (await (await ada.get('/imports')).json()) as Import[];
  expect([latest?.fileName, first?.fileName]).toEqual(['second.csv', 'first.csv']);
  const stream = await openSse(`${await sample.url()}/imports/${first?.id}/stream`, {
    headers: { cookie: ada.cookie },
  });
  const { type, data } = await stream.next();
  const end = { position: 60, lines: 60, sent: 51, rejected: 9 };
  expect([type, JSON.parse(data)]).toEqual(['completed', end]);
  expect(await stream.control('sse:goodbye')).toEqual({ reason: 'complete' });
});
