import { sql } from 'drizzle-orm';

import { Accounts } from '../accounts/accounts.js';
import type { Database } from '../database/database.js';
import { InboxStore } from '../notifications/inbox-store.js';
import { inboxTable } from '../notifications/inbox.table.js';
import { NotificationMetrics } from '../notifications/notification-metrics.js';
import { NotificationStore } from '../notifications/notification-store.js';
import { notificationTable, readTable } from '../notifications/notification.table.js';
import { Outbox } from '../outbox/outbox.js';
import { OutboxBatches } from '../outbox/outbox-batches.js';
import { OutboxMetrics } from '../outbox/outbox-metrics.js';
import { OutboxRelay } from '../outbox/outbox-relay.js';
import { outboxTable } from '../outbox/outbox.table.js';
import { ServingNode } from '../serving-node/serving-node.js';
import { RecordingPublisher } from './recording-publisher.js';

/** What one node keeps notifications with. */
export interface Stores {
  readonly outbox: Outbox;
  readonly inboxes: InboxStore;
  readonly notifications: NotificationStore;
  readonly metrics: NotificationMetrics;
  readonly publisher: RecordingPublisher;
}

export function storesOf(database: Database): Stores {
  const publisher = new RecordingPublisher();
  const batches = new OutboxBatches(database, publisher, new OutboxMetrics(database));
  const outbox = new Outbox(database, new OutboxRelay(database, batches));
  const accounts = new Accounts(database);
  const metrics = new NotificationMetrics();
  return {
    outbox,
    inboxes: new InboxStore(database, outbox),
    notifications: new NotificationStore(accounts, outbox, new ServingNode('node A'), metrics),
    metrics,
    publisher,
  };
}

/** All but the accounts. */
export async function empty(database: Database): Promise<void> {
  await database.execute(
    sql`truncate ${notificationTable}, ${readTable}, ${inboxTable}, ${outboxTable} restart identity`,
  );
}
