import { unreadCount, visible } from '../../apps/notifications/web/inbox/inbox-state.js';
import type { InboxClient } from './inbox-client.js';
import type { Accepted, InboxTraffic } from './inbox-traffic.js';

/** Asks the sample's database, past the sample. */
export type Query = <Row>(sql: string) => Promise<Row[]>;

interface Stored extends Accepted {
  readonly key: string | null;
}

/** What a device shows, or should. */
interface Shown {
  readonly items: readonly { readonly id: number; readonly title: string; readonly read: boolean }[];
  readonly unread: number;
}

/** What the database has, read once. */
export interface StoredInboxes {
  readonly notifications: readonly Stored[];
  readonly reads: readonly { readonly userId: string; readonly id: number }[];
  readonly inboxes: readonly { readonly owner: string; readonly total: number; readonly read: number }[];
  /** Events that were never published. */
  readonly waiting: number;
}

export async function readStored(query: Query): Promise<StoredInboxes> {
  const [outbox] = await query<{ waiting: number }>(
    'select count(*)::int as waiting from outbox where published_at is null',
  );
  return {
    notifications: await query(
      'select id::int, sender, recipient, title, request_key as key from notifications order by id desc',
    ),
    reads: await query('select user_id as "userId", notification_id::int as id from reads'),
    inboxes: byOwner(await query('select owner, total, read from inboxes where total + read > 0')),
    waiting: outbox?.waiting ?? NaN,
  };
}

export function shownBy({ state }: InboxClient): Shown {
  const items = visible(state).map(({ id, title, read }) => ({ id, title, read }));
  return { items, unread: unreadCount(state) };
}

/** What each device of the user must show. */
export function expectedOf({ notifications, reads }: StoredInboxes, userId: string): Shown {
  const read = new Set(reads.filter((row) => row.userId === userId).map(({ id }) => id));
  const items = notifications
    .filter(({ recipient }) => recipient === userId || recipient === '*')
    .map(({ id, title }) => ({ id, title, read: read.has(id) }));
  return { items, unread: items.filter((item) => !item.read).length };
}

/** Counts as they must be, from the rows that they count. */
export function countedInboxes({ notifications, reads }: StoredInboxes): StoredInboxes['inboxes'] {
  const owners = new Set([
    ...notifications.map(({ recipient }) => recipient),
    ...reads.map(({ userId }) => userId),
  ]);
  return byOwner(
    [...owners].map((owner) => ({
      owner,
      total: notifications.filter(({ recipient }) => recipient === owner).length,
      read: reads.filter(({ userId }) => userId === owner).length,
    })),
  );
}

/** Not by the database, whose order depends on its locale. */
const byOwner = <Row extends { readonly owner: string }>(rows: readonly Row[]): Row[] =>
  rows.toSorted((a, b) => (a.owner < b.owner ? -1 : 1));

/** Of each request that was answered, exactly the notification that was the answer, and no others. */
export function acceptedByKey({ accepted }: InboxTraffic): Stored[] {
  return byKey(
    [...accepted].map(([key, { id, sender, recipient, title }]) => ({ id, sender, recipient, title, key })),
  );
}

export function storedByKey({ notifications }: StoredInboxes): Stored[] {
  return byKey(notifications);
}

const byKey = (rows: readonly Stored[]): Stored[] =>
  rows.toSorted((a, b) => ((a.key ?? '') < (b.key ?? '') ? -1 : 1));
