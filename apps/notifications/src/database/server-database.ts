import { Logger } from '@nestjs/common';
import { sql } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/node-postgres';
import { migrate } from 'drizzle-orm/node-postgres/migrator';
import pg from 'pg';

import type { Database } from './database.js';
import type { DatabaseConnection } from './database-connection.js';
import { MIGRATIONS } from './migrate.js';

const POOL = { max: 10, connectionTimeoutMillis: 5_000, application_name: 'notifications' };
/** Any number, the same on all nodes. */
const MIGRATION_LOCK = 7_046_029;

/**
 * Connects to a PostgreSQL server and brings the tables up to date: of nodes that start together one does, and the others
 * wait for it.
 *
 * @throws Error if the server isn't there, or refuses
 */
export async function openServerDatabase(url: string): Promise<DatabaseConnection> {
  const pool = new pg.Pool({ connectionString: url, ...POOL });
  const logger = new Logger('Database');
  // Also in the middle of a transaction, between two queries: without a listener that would end the process. The next query
  // over it fails, which is its caller's to know.
  pool.on('connect', (client) => {
    client.on('error', ({ message }) => logger.warn(`A connection to the database has ended: ${message}`));
  });
  // The pool says once more what the connection has said, and gives the next query another.
  pool.on('error', () => undefined);
  try {
    const client = await pool.connect();
    try {
      const alone = drizzle({ client });
      await alone.execute(sql`select pg_advisory_lock(${MIGRATION_LOCK})`);
      await migrate(alone, MIGRATIONS);
      await alone.execute(sql`select pg_advisory_unlock(${MIGRATION_LOCK})`);
    } finally {
      client.release();
    }
  } catch (error) {
    await pool.end();
    throw error;
  }
  // Drivers differ in what `execute()` gives back, which nobody here reads.
  return { database: drizzle({ client: pool }) as unknown as Database, close: () => pool.end() };
}
