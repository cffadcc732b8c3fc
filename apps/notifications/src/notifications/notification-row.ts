import type { InboxItem, Notification } from './notification.js';
import type { notificationTable } from './notification.table.js';

export type NotificationRow = typeof notificationTable.$inferSelect;

/** As clients get it. */
export function notificationOf(row: NotificationRow): Notification {
  const { requestKey: _, createdAt, via, ...rest } = row;
  return { ...rest, createdAt: createdAt.toISOString(), via: via ?? undefined };
}

export function itemOf(row: NotificationRow, readAt: Date | null): InboxItem {
  return { ...notificationOf(row), read: readAt !== null };
}
