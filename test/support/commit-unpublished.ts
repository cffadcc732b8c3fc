import { randomUUID } from 'node:crypto';

import { Accounts } from '../../apps/notifications/src/accounts/accounts.js';
import type { Database } from '../../apps/notifications/src/database/database.js';
import type { Notification } from '../../apps/notifications/src/notifications/notification.js';
import { NotificationMetrics } from '../../apps/notifications/src/notifications/notification-metrics.js';
import { NotificationStore } from '../../apps/notifications/src/notifications/notification-store.js';
import type { OutboxRelay } from '../../apps/notifications/src/outbox/outbox-relay.js';
import { Outbox } from '../../apps/notifications/src/outbox/outbox.js';
import { ServingNode } from '../../apps/notifications/src/serving-node/serving-node.js';

/** Never gets to publish anything. */
const DEAD_RELAY = { wake: () => Promise.resolve() } as OutboxRelay;

/** What a process leaves that dies between the commit and the publishing. */
export async function commitUnpublished(
  database: Database,
  sender: string,
  recipient: string,
): Promise<{ readonly key: string; readonly notification: Notification }> {
  const key = randomUUID();
  const outbox = new Outbox(database, DEAD_RELAY);
  const store = new NotificationStore(
    new Accounts(database),
    outbox,
    new ServingNode(undefined),
    new NotificationMetrics(),
  );
  const draft = { recipient, title: `${key} of a dead process`, body: '', level: 'info' } as const;
  return { key, notification: await store.add({ ...draft, sender, requestKey: key }) };
}
