import { integer, jsonb, pgTable, text, timestamp } from 'drizzle-orm/pg-core';

import type { MatchDay } from './match-day.js';

/** The matches that are on: one row, which whichever node is first moves on. */
export const scoreboardTable = pgTable('scoreboards', {
  id: text().primaryKey(),
  tick: integer().notNull(),
  state: jsonb().$type<MatchDay>().notNull(),
  advancedAt: timestamp('advanced_at', { withTimezone: true }).notNull(),
});
