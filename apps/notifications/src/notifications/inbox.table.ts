import { bigint, integer, pgTable, text } from 'drizzle-orm/pg-core';

/**
 * Counts of what an owner has, an account or `*` for everybody. Each transaction that changes what the owner has updates
 * its row first, so that these follow one another, and the revision says in which order.
 */
export const inboxTable = pgTable('inboxes', {
  owner: text().primaryKey(),
  revision: bigint({ mode: 'number' }).notNull(),
  /** Notifications to the owner. */
  total: integer().notNull(),
  /** Notifications that the owner has read: to itself, and to everybody. */
  read: integer().notNull(),
});
