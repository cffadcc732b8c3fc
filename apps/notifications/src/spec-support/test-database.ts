import { readdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';

import { FolderTemplate } from '@nestcast/test-servers';

import type { Database } from '../database/database.js';
import { openEmbeddedDatabase } from '../database/embedded-database.js';
import { MIGRATIONS } from '../database/migrate.js';

/** The name of the last migration tells which tables there are. */
const template = new FolderTemplate(
  `tables-${readdirSync(MIGRATIONS.migrationsFolder).findLast((name) => name.endsWith('.sql'))}`,
  async (folder) => {
    const { close } = await openEmbeddedDatabase(folder);
    await close();
  },
);

/** An embedded database of one's own, with all tables and nothing in them. */
export interface TestDatabase {
  readonly database: Database;
  /** Closes and deletes it. */
  end(): Promise<void>;
}

export async function openTestDatabase(): Promise<TestDatabase> {
  const folder = await template.copy();
  const { database, close } = await openEmbeddedDatabase(folder);
  return {
    database,
    end: async () => {
      await close();
      await rm(folder, { recursive: true });
    },
  };
}
