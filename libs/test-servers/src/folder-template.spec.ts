import { randomUUID } from 'node:crypto';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from '@jest/globals';
import { FolderTemplate } from './folder-template.js';

const made: string[] = [];
afterEach(async () => {
  await Promise.all(made.splice(0).map((folder) => rm(folder, { recursive: true })));
});

it('fills a folder once, and gives copies of it, to processes that begin at the same time as well', async () => {
  const name = randomUUID();
  let fills = 0;
  const template = (): FolderTemplate =>
    new FolderTemplate(name, async (folder) => {
      fills += 1;
      await writeFile(join(folder, 'a'), 'a');
    });
  made.push(join(tmpdir(), `nestcast-template-${name}`));
  const together = await Promise.all([template().copy(), template().copy()]);
  const before = fills;
  const copies = [...together, await template().copy()];
  made.push(...copies);
  expect(fills).toBe(before);
  expect(new Set(copies).size).toBe(3);
  await writeFile(join(copies[0] ?? '', 'a'), 'changed');
  const contents = await Promise.all(copies.slice(1).map((copy) => readFile(join(copy, 'a'), 'utf8')));
  expect(contents).toEqual(['a', 'a']);
});
