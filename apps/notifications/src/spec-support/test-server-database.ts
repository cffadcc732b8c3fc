import { PostgresServer } from '@nestcast/test-servers';

import { DemoAccounts } from '../accounts/demo-accounts.js';
import { openServerDatabase } from '../database/server-database.js';
import { DEMO_PASSWORD } from './sample-template.js';
import type { TestDatabase } from './test-database.js';

/** As {@link openTestDatabase}, on a PostgreSQL server of its own, where transactions run at the same time. */
export async function openTestServerDatabase(): Promise<TestDatabase> {
  const server = await PostgresServer.start({ config: { fsync: 'off' } });
  const connection = await openServerDatabase(server.url);
  const { database } = connection;
  await new DemoAccounts(database, DEMO_PASSWORD).onModuleInit();
  return {
    database,
    end: async () => {
      await connection.close();
      await server.stop();
    },
  };
}
