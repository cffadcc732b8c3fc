import { sql } from 'drizzle-orm';

import type { Database } from '../database/database.js';
import type { Inbox } from './inbox.js';
import { inboxTable } from './inbox.table.js';

/**
 * Adds to an owner's counts, and holds its row until the transaction ends: the next one that changes what the owner has
 * waits. Whoever needs the rows of several owners takes them in the order of their names.
 */
export async function change(
  tx: Database,
  owner: string,
  { total = 0, read = 0 }: Partial<Pick<Inbox, 'total' | 'read'>>,
): Promise<Inbox> {
  const [inbox] = await tx
    .insert(inboxTable)
    .values({ owner, revision: 1, total, read })
    .onConflictDoUpdate({
      target: inboxTable.owner,
      set: {
        revision: sql`${inboxTable.revision} + 1`,
        total: sql`${inboxTable.total} + ${total}`,
        read: sql`${inboxTable.read} + ${read}`,
      },
    })
    .returning();
  return inbox as Inbox;
}
