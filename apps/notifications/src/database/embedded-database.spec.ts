import { readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { count, eq } from 'drizzle-orm';

import { accountTable } from '../accounts/account.table.js';
import { sampleTemplate } from '../spec-support/sample-template.js';
import { START_MS } from '../spec-support/test-database.js';
import { type EmbeddedDatabase, openEmbeddedDatabase } from './embedded-database.js';

let folder: string;
beforeEach(async () => {
  folder = await sampleTemplate.copy();
}, START_MS);
afterEach(() => rm(folder, { recursive: true }));

const rename = ({ database }: EmbeddedDatabase, name: string): Promise<unknown> =>
  database.update(accountTable).set({ name }).where(eq(accountTable.id, 'ada'));

async function nameOf({ database }: EmbeddedDatabase): Promise<string | undefined> {
  const [row] = await database.select().from(accountTable).where(eq(accountTable.id, 'ada'));
  return row?.name;
}

describe('the embedded database', () => {
  it(
    'has what it was given, the next time and after a process that was killed',
    async () => {
      const first = await openEmbeddedDatabase(folder);
      await rename(first, 'Countess');
      await first.close();
      // As a process leaves it that had no time to close it.
      await writeFile(join(folder, 'process-999999999'), '');
      const second = await openEmbeddedDatabase(folder);
      expect(await nameOf(second)).toBe('Countess');
      expect(await second.database.select({ rows: count() }).from(accountTable)).toEqual([{ rows: 6 }]);
      await second.close();
      expect(await readdir(folder)).toEqual(['pgdata']);
    },
    START_MS,
  );

  it('is no two processes’', async () => {
    await writeFile(join(folder, `process-${process.ppid}`), '');
    await expect(openEmbeddedDatabase(folder)).rejects.toThrow('is open in the process');
  });

  it('leaves the folder to others when it can’t be opened', async () => {
    await rm(join(folder, 'pgdata/global'), { recursive: true });
    await expect(openEmbeddedDatabase(folder)).rejects.toThrow();
    expect(await readdir(folder)).toEqual(['pgdata']);
  });
});
