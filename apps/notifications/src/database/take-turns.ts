import { sql } from 'drizzle-orm';

import type { Database } from './database.js';

/**
 * Lets transactions of one name follow one another, on all nodes: waits for the one that has the name, and has it until `tx`
 * ends. What is counted after this is what the one before has left.
 */
export async function takeTurns(tx: Database, name: string): Promise<void> {
  await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended(${name}, 0))`);
}
