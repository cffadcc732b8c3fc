import { Inject, Injectable } from '@nestjs/common';
import { and, desc, eq, inArray, isNull, lt, lte, sql } from 'drizzle-orm';

import { Database, SNAPSHOT } from '../database/database.js';
import { Outbox } from '../outbox/outbox.js';
import { channelOf } from './channels.js';
import type { Inbox, InboxPage, Inboxes } from './inbox.js';
import { inboxTable } from './inbox.table.js';
import { change } from './inbox-changes.js';
import { EVERYBODY } from './notification.js';
import type { NotificationEvents } from './notification-events.js';
import { itemOf } from './notification-row.js';
import { notificationTable, readTable } from './notification.table.js';

/** Which of a user's notifications: these, or all up to one. */
export type Selection = { readonly ids: readonly number[] } | { readonly upTo: number };

/** What a user has: its own notifications and everybody's, and which of them it has read. */
@Injectable()
export class InboxStore {
  constructor(
    @Inject(Database) private readonly database: Database,
    private readonly outbox: Outbox,
  ) {}

  /**
   * A page of what the user has, newest first, and the counts of the same moment.
   *
   * @param before only those with lower ids
   */
  page(userId: string, limit: number, before?: number): Promise<InboxPage> {
    return this.database.transaction(async (tx) => {
      // One more tells whether there is another page.
      const rows = await tx
        .select({ notification: notificationTable, readAt: readTable.readAt })
        .from(notificationTable)
        .leftJoin(
          readTable,
          and(eq(readTable.notificationId, notificationTable.id), eq(readTable.userId, userId)),
        )
        .where(
          and(
            inArray(notificationTable.recipient, [userId, EVERYBODY]),
            before === undefined ? undefined : lt(notificationTable.id, before),
          ),
        )
        .orderBy(desc(notificationTable.id))
        .limit(limit + 1);
      const items = rows.slice(0, limit).map(({ notification, readAt }) => itemOf(notification, readAt));
      const next = rows.length > limit ? (items.at(-1)?.id ?? null) : null;
      return { items, next, inboxes: await this.inboxesOf(tx, userId) };
    }, SNAPSHOT);
  }

  /** Marks them as read, and tells the user's devices. Those of others, and those read before, are left alone. */
  async markRead(userId: string, selection: Selection): Promise<Inboxes> {
    await this.outbox.transaction(async (tx) => {
      // The row is locked from here on, so that two devices don't count one notification twice.
      await change(tx, userId, {});
      const ids = await this.unread(tx, userId, selection);
      if (ids.length === 0) {
        return;
      }
      await tx.insert(readTable).values(ids.map((notificationId) => ({ userId, notificationId })));
      const inbox = await change(tx, userId, { read: ids.length });
      const data: NotificationEvents['notification.read'] = { ids, inbox };
      await this.outbox.add(tx, channelOf(userId), { type: 'notification.read', data });
    });
    return this.inboxesOf(this.database, userId);
  }

  private async unread(tx: Database, userId: string, selection: Selection): Promise<number[]> {
    const selected =
      'upTo' in selection
        ? lte(notificationTable.id, selection.upTo)
        : inArray(notificationTable.id, [...selection.ids]);
    const rows = await tx
      .select({ id: notificationTable.id })
      .from(notificationTable)
      .leftJoin(
        readTable,
        and(eq(readTable.notificationId, notificationTable.id), eq(readTable.userId, userId)),
      )
      .where(
        and(
          selected,
          inArray(notificationTable.recipient, [userId, EVERYBODY]),
          isNull(readTable.notificationId),
        ),
      )
      .orderBy(sql`${notificationTable.id}`);
    return rows.map(({ id }) => id);
  }

  private async inboxesOf(database: Database, userId: string): Promise<Inboxes> {
    const rows = await database
      .select()
      .from(inboxTable)
      .where(inArray(inboxTable.owner, [userId, EVERYBODY]));
    const of = (owner: string): Inbox =>
      rows.find((row) => row.owner === owner) ?? { owner, revision: 0, total: 0, read: 0 };
    return { own: of(userId), everybody: of(EVERYBODY) };
  }
}
