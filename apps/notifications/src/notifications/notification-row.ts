import type { InboxItem, Notification } from './notification.js';
import type { notificationTable } from './notification.table.js';

type Row = typeof notificationTable.$inferSelect;

/** As clients get it. */
export function notificationOf({ requestKey: _, createdAt, via, ...rest }: Row): Notification {
  return { ...rest, createdAt: createdAt.toISOString(), via: via ?? undefined };
}

export function itemOf(row: Row, readAt: Date | null): InboxItem {
  return { ...notificationOf(row), read: readAt !== null };
}
