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
import { NotificationMetrics } from './notification-metrics.js';
import { type NotificationRow, notificationOf } from './notification-row.js';
import { notificationTable } from './notification.table.js';
import { RequestKeyReusedException } from './request-key-reused.exception.js';
import { UnknownRecipientException } from './unknown-recipient.exception.js';

/** Keeps notifications, and tells of each in the same transaction. */
@Injectable()
export class NotificationStore {
  constructor(
    private readonly accounts: Accounts,
    private readonly outbox: Outbox,
    private readonly node: ServingNode,
    private readonly metrics: NotificationMetrics,
  ) {}

  /**
   * @returns it, or what an earlier request of the same key has made
   * @throws UnknownRecipientException where there is no such account
   * @throws RequestKeyReusedException where an earlier request of the same key was another one
   */
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
   * @throws RequestKeyReusedException where the key of one was another one's
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
    const added: Notification[] = Array.from({ length: drafts.length });
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
      .onConflictDoNothing()
      .returning();
    if (row === undefined) {
      // At the same time, to another recipient: to this one it would have waited, and been found.
      throw new RequestKeyReusedException();
    }
    const notification = notificationOf(row);
    const data: NotificationEvents['notification.created'] = { notification, inbox };
    await this.outbox.add(tx, channelOf(draft.recipient), { type: 'notification.created', data });
    this.metrics.count(notification);
    return notification;
  }

  private async ofRequest(tx: Database, draft: NotificationDraft): Promise<Notification | undefined> {
    const { recipient, sender, requestKey } = draft;
    if (requestKey === undefined) {
      return undefined;
    }
    // Whoever sends it at the same time waits here, and finds it then.
    await change(tx, recipient, {});
    const [row] = await tx
      .select()
      .from(notificationTable)
      .where(and(eq(notificationTable.sender, sender), eq(notificationTable.requestKey, requestKey)));
    if (row !== undefined && !saysTheSame(row, draft)) {
      throw new RequestKeyReusedException();
    }
    return row && notificationOf(row);
  }
}

const SAID = ['recipient', 'title', 'body', 'level'] as const;
const saysTheSame = (row: NotificationRow, draft: NotificationDraft): boolean =>
  SAID.every((field) => row[field] === draft[field]);

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
