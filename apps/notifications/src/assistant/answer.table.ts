import { index, integer, pgTable, text, timestamp, uuid } from 'drizzle-orm/pg-core';

/** What the assistant was asked, and what it has answered. */
export const answerTable = pgTable(
  'answers',
  {
    id: uuid().primaryKey().defaultRandom(),
    userId: text('user_id').notNull(),
    prompt: text().notNull(),
    text: text().notNull().default(''),
    state: text({ enum: ['running', 'completed', 'cancelled', 'failed', 'interrupted'] })
      .notNull()
      .default('running'),
    model: text().notNull(),
    /** The process that writes it, so that one that starts anew knows what it has left. */
    claimedBy: text('claimed_by'),
    claimedAt: timestamp('claimed_at', { withTimezone: true }),
    tokens: integer().notNull().default(0),
    firstTokenMs: integer('first_token_ms'),
    durationMs: integer('duration_ms'),
    error: text(),
    createdAt: timestamp('created_at', { withTimezone: true }).notNull().defaultNow(),
    finishedAt: timestamp('finished_at', { withTimezone: true }),
  },
  ({ userId, state, createdAt }) => [
    index('answers_of_user').on(userId, createdAt),
    index('answers_in_state').on(state),
  ],
);
