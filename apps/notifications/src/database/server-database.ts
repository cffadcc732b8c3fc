import { Logger } from '@nestjs/common';
import { sql } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/node-postgres';
import { migrate } from 'drizzle-orm/node-postgres/migrator';
import { Client, Pool, type PoolConfig } from 'pg';

import type { Database } from './database.js';
import type { DatabaseConnection } from './database-connection.js';
import { MIGRATIONS } from './migrate.js';

const CONNECTING = { application_name: 'notifications', connectionTimeoutMillis: 5_000, keepAlive: true };
const POOL: PoolConfig = {
  ...CONNECTING,
  // Of each node, and all nodes' together must be fewer than the server's max_connections, 100 by default.
  max: 10,
  // Nothing here takes a tenth of it, but for a wait on a lock that nobody lets go of.
  statement_timeout: 10_000,
  // Of a node that is there, and does not go on: others wait for what it has locked.
  idle_in_transaction_session_timeout: 60_000,
};
/** Any number, the same on all nodes. */
const MIGRATION_LOCK = 7_046_029;

/**
 * Connects to a PostgreSQL server and brings the tables up to date: of nodes that start together one does, and the others
 * wait for it.
 *
 * @throws Error if the server isn't there, or refuses
 */
export async function openServerDatabase(url: string): Promise<DatabaseConnection> {
  await migrateAlone(url);
  const logger = new Logger('Database');
  const pool = new Pool({ connectionString: url, ...POOL });
  // Of one in use it is told to whoever uses it as well; but an error that nobody listens to ends the process.
  pool.on('connect', (client) =>
    client.on('error', (error) => logger.warn(`A connection has ended: ${error.message}`)),
  );
  // Of one that nobody uses: told above.
  pool.on('error', () => undefined);
  return { database: databaseOf(pool), close: () => pool.end() };
}

/** Over a connection of its own, which takes as long as it takes, and whose end lets go of the lock in any case. */
async function migrateAlone(url: string): Promise<void> {
  const client = new Client({ connectionString: url, ...CONNECTING });
  // The query under way, or the next one, is told.
  client.on('error', () => undefined);
  await client.connect();
  try {
    const database = drizzle({ client });
    await database.execute(sql`select pg_advisory_lock(${MIGRATION_LOCK})`);
    await migrate(database, MIGRATIONS);
  } finally {
    await client.end();
  }
}

function databaseOf(pool: Pool): Database {
  // Drivers differ in what `execute()` gives back, which nobody here reads.
  const database = drizzle({ client: pool }) as unknown as Database;
  // Drizzle's own doesn't give a client back whose BEGIN has failed: after as many lost connections none would be left.
  database.transaction = async (work, config) => {
    const client = await pool.connect();
    try {
      return await (drizzle({ client }) as unknown as Database).transaction(work, config);
    } finally {
      client.release();
    }
  };
  return database;
}
