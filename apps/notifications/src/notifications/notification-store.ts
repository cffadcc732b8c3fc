import { Injectable } from '@nestjs/common';
import { and, eq, or } from 'drizzle-orm';

import { Accounts } from '../accounts/accounts.js';
import type { Database } from '../database/database.js';
import { Outbox } from '../outbox/outbox.js';
import { ServingNode } from '../serving-node/serving-node.js';
import { channelOf } from './channels.js';
import { change } from './inbox-changes.js';
import {
  type AddedNotification,
  EVERYBODY,
  type Notification,
  type NotificationDraft,
} from './notification.js';
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
  async add(draft: NotificationDraft): Promise<Notification> {
    const added = await this.outbox.transaction((tx) => this.addAll(tx, [draft]));
    this.metrics.count(added);
    return (added[0] as AddedNotification).notification;
  }

  /**
   * Adds them all in the transaction of an {@link Outbox}. Those of one recipient are one change of its counts, and each tells
   * what they have come to.
   *
   * @returns what has become of them, in the order of the drafts; to be counted when it is committed
   * @throws UnknownRecipientException where one has no account
   * @throws RequestKeyReusedException where the key of one was another one's
   */
  async addAll(tx: Database, drafts: readonly NotificationDraft[]): Promise<AddedNotification[]> {
    // The order in which the inboxes of several owners are to be taken.
    const recipients = [...new Set(drafts.map(({ recipient }) => recipient))].toSorted(compare);
    const known = await this.accounts.known(recipients, tx);
    const unknown = recipients.find((recipient) => recipient !== EVERYBODY && !known.has(recipient));
    if (unknown !== undefined) {
      throw new UnknownRecipientException(unknown);
    }
    const added: AddedNotification[] = Array.from({ length: drafts.length });
    for (const recipient of recipients) {
      const own = [...drafts.entries()].filter(([, draft]) => draft.recipient === recipient);
      const itsOwn = await this.addTo(
        tx,
        recipient,
        own.map(([, draft]) => draft),
      );
      own.forEach(([index], at) => (added[index] = itsOwn[at] as AddedNotification));
    }
    return added;
  }

  private async addTo(
    tx: Database,
    recipient: string,
    drafts: readonly NotificationDraft[],
  ): Promise<AddedNotification[]> {
    // Before the notifications get their ids: of one recipient they are committed in the order of their ids. Whoever sends
    // one of them at the same time waits here, and finds it then.
    let inbox = await change(tx, recipient, { total: drafts.length });
    const created = await this.insert(tx, drafts);
    if (created.length < drafts.length) {
      inbox = await change(tx, recipient, { total: created.length - drafts.length });
    }
    const events = created.map((row) => {
      const data: NotificationEvents['notification.created'] = { notification: notificationOf(row), inbox };
      return { type: 'notification.created', data };
    });
    await this.outbox.add(tx, channelOf(recipient), ...events);
    return this.matched(tx, drafts, created);
  }

  /** @returns those whose keys are new, in their order */
  private async insert(tx: Database, drafts: readonly NotificationDraft[]): Promise<NotificationRow[]> {
    const rows = await tx
      .insert(notificationTable)
      .values(drafts.map((draft) => ({ ...draft, via: this.node.name })))
      .onConflictDoNothing()
      .returning();
    return rows.toSorted((a, b) => a.id - b.id);
  }

  /** Gives each draft its row: the one that was created for it, or that of an earlier request. */
  private async matched(
    tx: Database,
    drafts: readonly NotificationDraft[],
    created: readonly NotificationRow[],
  ): Promise<AddedNotification[]> {
    const rows = created.values();
    let next = rows.next().value;
    const fresh = drafts.map((draft) => {
      const row = next !== undefined && isOfRequest(next, draft) ? next : undefined;
      next = row === undefined ? next : rows.next().value;
      return row;
    });
    const earlier = await this.ofRequests(
      tx,
      drafts.filter((_draft, index) => fresh[index] === undefined),
    );
    return drafts.map((draft, index) => {
      const row = fresh[index] ?? earlier.find((other) => isOfRequest(other, draft));
      if (row === undefined || !saysTheSame(row, draft)) {
        throw new RequestKeyReusedException();
      }
      return { notification: notificationOf(row), isNew: fresh[index] !== undefined };
    });
  }

  private async ofRequests(
    tx: Database,
    drafts: readonly NotificationDraft[],
  ): Promise<readonly NotificationRow[]> {
    const { sender, requestKey } = notificationTable;
    const requests = drafts.map((draft) =>
      and(eq(sender, draft.sender), eq(requestKey, draft.requestKey ?? '')),
    );
    return requests.length === 0
      ? []
      : tx
          .select()
          .from(notificationTable)
          .where(or(...requests));
  }
}

const isOfRequest = (row: NotificationRow, { sender, requestKey }: NotificationDraft): boolean =>
  row.sender === sender && row.requestKey === (requestKey ?? null);

const SAID = ['recipient', 'title', 'body', 'level'] as const;
const saysTheSame = (row: NotificationRow, draft: NotificationDraft): boolean =>
  SAID.every((field) => row[field] === draft[field]);

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
