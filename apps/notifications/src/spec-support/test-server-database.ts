import { PostgresServer } from '@nestcast/test-servers';

import { DemoAccounts } from '../accounts/demo-accounts.js';
import { openServerDatabase } from '../database/server-database.js';
import { DEMO_PASSWORD } from './sample-template.js';
import type { TestDatabase } from './test-database.js';

/** As {@link openTestDatabase}, on a PostgreSQL server of its own, where transactions run at the same time. */
export async function openTestServerDatabase(): Promise<TestDatabase> {
  const server = await PostgresServer.start({ config: { fsync: 'off' } });
  const { database, close } = await openServerDatabase(server.url);
  await new DemoAccounts(database, DEMO_PASSWORD).onModuleInit();
  return {
    database,
    end: async () => {
      await close();
      await server.stop();
    },
  };
}
