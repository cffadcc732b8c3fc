import { bigint, index, pgTable, primaryKey, text, timestamp, unique } from 'drizzle-orm/pg-core';

export const notificationTable = pgTable(
  'notifications',
  {
    id: bigint({ mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
    /** An account, or `*` for everybody. */
    recipient: text().notNull(),
    title: text().notNull(),
    body: text().notNull(),
    level: text({ enum: ['info', 'success', 'warning', 'error'] }).notNull(),
    sender: text().notNull(),
    /** The sender's own name for the request, so that one that is sent twice counts once. */
    requestKey: text('request_key'),
    createdAt: timestamp('created_at', { withTimezone: true }).notNull().defaultNow(),
    /** The node that has taken it, where there are several. */
    via: text(),
  },
  ({ id, recipient, sender, requestKey }) => [
    index('notifications_of_recipient').on(recipient, id),
    unique('notifications_of_request').on(sender, requestKey),
  ],
);

/** One row for each notification that a user has read. */
export const readTable = pgTable(
  'reads',
  {
    userId: text('user_id').notNull(),
    notificationId: bigint('notification_id', { mode: 'number' })
      .notNull()
      .references(() => notificationTable.id, { onDelete: 'cascade' }),
    readAt: timestamp('read_at', { withTimezone: true }).notNull().defaultNow(),
  },
  ({ userId, notificationId }) => [primaryKey({ columns: [userId, notificationId] })],
);
