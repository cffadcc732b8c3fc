import { and, isNull, sql } from 'drizzle-orm';
import { bigint, index, jsonb, pgTable, text, timestamp } from 'drizzle-orm/pg-core';

/** Events to publish, written in the transaction that they tell of. */
export const outboxTable = pgTable(
  'outbox',
  {
    id: bigint({ mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
    channel: text().notNull(),
    type: text().notNull(),
    data: jsonb().notNull(),
    createdAt: timestamp('created_at', { withTimezone: true }).notNull().defaultNow(),
    publishedAt: timestamp('published_at', { withTimezone: true }),
    /** Why it will never be published. */
    failure: text(),
  },
  ({ id, publishedAt, failure }) => [
    index('outbox_waiting')
      .on(id)
      .where(sql`${publishedAt} is null and ${failure} is null`),
    index('outbox_published').on(publishedAt),
  ],
);

/** Which are to be published: those that the first index has. */
export const WAITING = and(isNull(outboxTable.publishedAt), isNull(outboxTable.failure));
