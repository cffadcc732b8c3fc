import { Injectable } from '@nestjs/common';
import { and, eq } from 'drizzle-orm';

import { Accounts } from '../accounts/accounts.js';
import type { Database } from '../database/database.js';
import { Outbox } from '../outbox/outbox.js';
import { ServingNode } from '../serving-node/serving-node.js';
import { channelOf } from './channels.js';
import { change } from './inbox-changes.js';
import { EVERYBODY, type Notification, type NotificationDraft } from './notification.js';
import type { NotificationEvents } from './notification-events.js';
import { notificationOf } from './notification-row.js';
import { notificationTable } from './notification.table.js';
import { UnknownRecipientException } from './unknown-recipient.exception.js';

/** Keeps notifications, and tells of each in the same transaction. */
@Injectable()
export class NotificationStore {
  constructor(
    private readonly accounts: Accounts,
    private readonly outbox: Outbox,
    private readonly node: ServingNode,
  ) {}

  /** @throws UnknownRecipientException where there is no such account */
  add(draft: NotificationDraft): Promise<Notification> {
    return this.outbox.transaction(async (tx) => {
      const [notification] = await this.addAll(tx, [draft]);
      return notification as Notification;
    });
  }

  /**
   * Adds them all in the transaction of an {@link Outbox}.
   *
   * @returns them in the order of the drafts
   * @throws UnknownRecipientException where one has no account
   */
  async addAll(tx: Database, drafts: readonly NotificationDraft[]): Promise<Notification[]> {
    const known = await this.accounts.known(
      drafts.map(({ recipient }) => recipient),
      tx,
    );
    const unknown = drafts.find(({ recipient }) => recipient !== EVERYBODY && !known.has(recipient));
    if (unknown !== undefined) {
      throw new UnknownRecipientException(unknown.recipient);
    }
    const added: Notification[] = new Array<Notification>(drafts.length);
    // The order in which the inboxes of several owners are to be taken.
    const inOrder = [...drafts.entries()].toSorted(([, a], [, b]) => compare(a.recipient, b.recipient));
    for (const [index, draft] of inOrder) {
      added[index] = await this.addOne(tx, draft);
    }
    return added;
  }

  private async addOne(tx: Database, draft: NotificationDraft): Promise<Notification> {
    const before = await this.ofRequest(tx, draft);
    if (before !== undefined) {
      return before;
    }
    // Before the notification gets its id: of one recipient they are committed in the order of their ids.
    const inbox = await change(tx, draft.recipient, { total: 1 });
    const [row] = await tx
      .insert(notificationTable)
      .values({ ...draft, via: this.node.name })
      .returning();
    const notification = notificationOf(row as typeof notificationTable.$inferSelect);
    const data: NotificationEvents['notification.created'] = { notification, inbox };
    await this.outbox.add(tx, channelOf(draft.recipient), { type: 'notification.created', data });
    return notification;
  }

  private async ofRequest(
    tx: Database,
    { recipient, sender, requestKey }: NotificationDraft,
  ): Promise<Notification | undefined> {
    if (requestKey === undefined) {
      return undefined;
    }
    // Whoever sends it at the same time waits here, and finds it then.
    await change(tx, recipient, {});
    const [row] = await tx
      .select()
      .from(notificationTable)
      .where(and(eq(notificationTable.sender, sender), eq(notificationTable.requestKey, requestKey)));
    return row && notificationOf(row);
  }
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
