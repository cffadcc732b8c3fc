import { index, integer, jsonb, pgTable, text, timestamp, uuid } from 'drizzle-orm/pg-core';

/** A line that was not sent. */
export interface ImportProblem {
  /** In the file, the first is 1. */
  readonly line: number;
  readonly message: string;
}

/** Files of notifications, and how far each has come. */
export const importTable = pgTable(
  'imports',
  {
    id: uuid().primaryKey().defaultRandom(),
    userId: text('user_id').notNull(),
    fileName: text('file_name').notNull(),
    csv: text().notNull(),
    /** Records in the file, its header left out. */
    lines: integer().notNull(),
    /** Records that are done with, sent or not. */
    position: integer().notNull().default(0),
    sent: integer().notNull().default(0),
    rejected: integer().notNull().default(0),
    /** The first of them. */
    problems: jsonb().$type<readonly ImportProblem[]>().notNull().default([]),
    state: text({ enum: ['running', 'completed', 'failed', 'cancelled'] })
      .notNull()
      .default('running'),
    /** The process that works on it, and when it last said so. */
    claimedBy: text('claimed_by'),
    claimedAt: timestamp('claimed_at', { withTimezone: true }),
    createdAt: timestamp('created_at', { withTimezone: true }).notNull().defaultNow(),
    finishedAt: timestamp('finished_at', { withTimezone: true }),
  },
  ({ userId, state, createdAt }) => [
    index('imports_of_user').on(userId, createdAt),
    index('imports_in_state').on(state),
  ],
);
