import { integer, pgTable, text } from 'drizzle-orm/pg-core';

export const accountTable = pgTable('accounts', {
  id: text().primaryKey(),
  name: text().notNull(),
  role: text({ enum: ['member', 'admin'] })
    .notNull()
    .default('member'),
  /** Argon2id. */
  passwordHash: text('password_hash').notNull(),
  /** Sessions of another epoch have ended. */
  sessionEpoch: integer('session_epoch').notNull().default(0),
});
