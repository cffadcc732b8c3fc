import { Inject, Injectable } from '@nestjs/common';
import { type SQL, and, desc, eq, inArray, isNull, lt, lte, sql } from 'drizzle-orm';

import { Database, SNAPSHOT } from '../database/database.js';
import { Outbox } from '../outbox/outbox.js';
import { channelOf } from './channels.js';
import type { Inbox, InboxPage, Inboxes, Selection } from './inbox.js';
import { inboxTable } from './inbox.table.js';
import { change } from './inbox-changes.js';
import { EVERYBODY } from './notification.js';
import type { NotificationEvents } from './notification-events.js';
import { itemOf } from './notification-row.js';
import { notificationTable, readTable } from './notification.table.js';

/** As many as make an event of some kilobytes. */
const IDS_AN_EVENT = 1_000;

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
        .leftJoin(readTable, isRead(userId))
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

  /**
   * Marks them as read, and tells the user's devices. Those of others, and those read before, are left alone.
   *
   * @returns what the devices are told
   */
  markRead(userId: string, selection: Selection): Promise<NotificationEvents['notification.read']> {
    return this.outbox.transaction(async (tx) => {
      // The row is locked from here on, so that two devices don't count one notification twice.
      const before = await change(tx, userId, {});
      const ids = await this.insertRead(tx, userId, selection);
      if (ids.length === 0) {
        return { ids, inbox: before };
      }
      const inbox = await change(tx, userId, { read: ids.length });
      for (let start = 0; start < ids.length; start += IDS_AN_EVENT) {
        const data: NotificationEvents['notification.read'] = {
          ids: ids.slice(start, start + IDS_AN_EVENT),
          inbox,
        };
        await this.outbox.add(tx, channelOf(userId), { type: 'notification.read', data });
      }
      return { ids, inbox };
    });
  }

  /** @returns which it has marked, in order */
  private async insertRead(tx: Database, userId: string, selection: Selection): Promise<number[]> {
    const selected =
      'upTo' in selection
        ? lte(notificationTable.id, selection.upTo)
        : inArray(notificationTable.id, [...selection.ids]);
    const unread = tx
      .select({
        userId: sql<string>`${userId}`.as('user_id'),
        notificationId: notificationTable.id,
        readAt: sql<Date>`now()`.as('read_at'),
      })
      .from(notificationTable)
      .leftJoin(readTable, isRead(userId))
      .where(
        and(
          selected,
          inArray(notificationTable.recipient, [userId, EVERYBODY]),
          isNull(readTable.notificationId),
        ),
      );
    const rows = await tx.insert(readTable).select(unread).returning({ id: readTable.notificationId });
    return rows.map(({ id }) => id).toSorted((a, b) => a - b);
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

const isRead = (userId: string): SQL | undefined =>
  and(eq(readTable.notificationId, notificationTable.id), eq(readTable.userId, userId));
