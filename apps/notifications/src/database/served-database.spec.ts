import { existsSync } from 'node:fs';
import { rm, stat } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eq, sql } from 'drizzle-orm';

import { accountTable } from '../accounts/account.table.js';
import { sampleTemplate } from '../spec-support/sample-template.js';
import { START_MS } from '../spec-support/test-database.js';
import type { DatabaseConnection } from './database-connection.js';
import { type ServedDatabase, serveEmbeddedDatabase } from './served-database.js';
import { openServerDatabase } from './server-database.js';

let folder: string;
let served: ServedDatabase;
/** As two workers have them. */
let one: DatabaseConnection;
let other: DatabaseConnection;

beforeAll(async () => {
  folder = await sampleTemplate.copy();
  served = await serveEmbeddedDatabase(folder);
  // Both bring the tables up to date at once.
  [one, other] = await Promise.all([openServerDatabase(served.url), openServerDatabase(served.url)]);
}, START_MS);

/** The folder of its socket. */
const place = (): string => decodeURIComponent(new URL(served.url).hostname);

afterAll(() => rm(folder, { recursive: true }));

const epochOf = async ({ database }: DatabaseConnection): Promise<number | undefined> => {
  const [row] = await database.select().from(accountTable).where(eq(accountTable.id, 'ada'));
  return row?.sessionEpoch;
};

describe('an embedded database that is served', () => {
  it('is one to all its clients, and reachable for this user alone', async () => {
    await one.database.update(accountTable).set({ sessionEpoch: 7 }).where(eq(accountTable.id, 'ada'));
    expect(await epochOf(other)).toBe(7);
    expect((await stat(place())).mode & 0o777).toBe(0o700);
  });

  it('has one transaction after the other, and none of one that fails', async () => {
    await Promise.all(
      [one, other, one, other].map((connection) =>
        connection.database.transaction(async (tx) => {
          const [row] = await tx.select().from(accountTable).where(eq(accountTable.id, 'tim'));
          await tx.execute(sql`select 1`);
          await tx
            .update(accountTable)
            .set({ sessionEpoch: (row?.sessionEpoch ?? 0) + 1 })
            .where(eq(accountTable.id, 'tim'));
        }),
      ),
    );
    const failing = one.database.transaction(async (tx) => {
      await tx.delete(accountTable);
      throw new Error('given up');
    });
    await expect(failing).rejects.toThrow('given up');
    const [tim] = await other.database.select().from(accountTable).where(eq(accountTable.id, 'tim'));
    expect(tim?.sessionEpoch).toBe(4);
  });

  it('leaves nothing behind', async () => {
    const socket = place();
    await Promise.all([one.close(), other.close()]);
    await served.close();
    expect(existsSync(socket)).toBe(false);
  });
});
