import { rm } from 'node:fs/promises';

import type { Database } from '../database/database.js';
import { openEmbeddedDatabase } from '../database/embedded-database.js';
import { sampleTemplate } from './sample-template.js';

/** What a hook that opens one may take: a second, on a busy machine many. */
export const START_MS = 30_000;

/** An embedded database of one's own, with all tables and nothing in them but the demo accounts. */
export interface TestDatabase {
  readonly database: Database;
  /** Closes and deletes it. */
  end(): Promise<void>;
}

/** Takes about a second: open one for all cases of a spec. */
export async function openTestDatabase(): Promise<TestDatabase> {
  const folder = await sampleTemplate.copy();
  const opened = await openEmbeddedDatabase(folder);
  return {
    database: opened.database,
    end: async () => {
      await opened.close();
      await rm(folder, { recursive: true });
    },
  };
}
