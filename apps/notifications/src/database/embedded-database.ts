import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';

import { PGlite } from '@electric-sql/pglite';
import { drizzle } from 'drizzle-orm/pglite';
import { migrate } from 'drizzle-orm/pglite/migrator';

import type { Database } from './database.js';
import type { DatabaseConnection } from './database-connection.js';
import { takeFolder } from './folder-owner.js';
import { MIGRATIONS } from './migrate.js';

/** PostgreSQL inside this process, with its files in a folder. */
export interface EmbeddedDatabase extends DatabaseConnection {
  readonly engine: PGlite;
}

/**
 * Opens the database in the folder, which it makes and fills where there is none yet, and brings its tables up to date.
 *
 * @throws Error if another process has it open: two would destroy it
 */
export async function openEmbeddedDatabase(folder: string): Promise<EmbeddedDatabase> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const owner = await takeFolder(folder);
  try {
    const engine = await PGlite.create(join(folder, 'pgdata'));
    const orm = drizzle({ client: engine });
    await migrate(orm, MIGRATIONS);
    return {
      engine,
      // Drivers differ in what `execute()` gives back, which nobody here reads.
      database: orm as unknown as Database,
      close: async () => {
        await engine.close();
        await owner.leave();
      },
    };
  } catch (error) {
    await owner.leave();
    throw error;
  }
}
