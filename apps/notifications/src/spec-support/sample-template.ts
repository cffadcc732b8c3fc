import { readdirSync } from 'node:fs';

import { FolderTemplate } from '@nestcast/test-servers';

import { DemoAccounts } from '../accounts/demo-accounts.js';
import { openEmbeddedDatabase } from '../database/embedded-database.js';
import { MIGRATIONS } from '../database/migrate.js';

export const DEMO_PASSWORD = 'nestcast';

const lastMigration = readdirSync(MIGRATIONS.migrationsFolder).findLast((name) => name.endsWith('.sql'));

/**
 * Folders of an embedded database that has its tables and the demo accounts: making one from nothing takes seconds. Jest's
 * global set-up fills the template before the first spec.
 */
export const sampleTemplate = new FolderTemplate(`sample-${lastMigration}`, async (folder) => {
  const { database, close } = await openEmbeddedDatabase(folder);
  await new DemoAccounts(database, DEMO_PASSWORD).onModuleInit();
  await close();
});
