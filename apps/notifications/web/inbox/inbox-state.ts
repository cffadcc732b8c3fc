import type { Inbox, InboxPage } from '../../src/notifications/inbox.js';
import type { InboxItem, Notification } from '../../src/notifications/notification.js';
import type { NotificationEvents } from '../../src/notifications/notification-events.js';

/**
 * What a client knows of its user's notifications. It only ever learns more: notifications don't change, what has been read
 * stays read, and of counts the latest revision is kept. So events may come twice and in any order, and pages may be older
 * than events, and all clients end with what the database has.
 */
export interface InboxState {
  readonly notifications: ReadonlyMap<number, Notification>;
  /** Also of notifications that aren't known yet. */
  readonly readIds: ReadonlySet<number>;
  /** By owner. */
  readonly inboxes: ReadonlyMap<string, Inbox>;
  /**
   * From which id up nothing is missing, and what `before` must be for the next page; `null`: from the very first;
   * `undefined`: no page is there yet.
   */
  readonly oldest: number | null | undefined;
  /** Events were lost, and no first page has come since. */
  readonly outdated: boolean;
}

export const emptyInbox: InboxState = {
  notifications: new Map(),
  readIds: new Set(),
  inboxes: new Map(),
  oldest: undefined,
  outdated: false,
};

/**
 * @param page asked for after the stream was open, and after the last gap
 * @param before what it was asked for with; `undefined`: it is the first page
 */
export function withPage(state: InboxState, page: InboxPage, before?: number): InboxState {
  const { items, inboxes } = page;
  const first = before === undefined;
  return {
    notifications: withNotifications(state.notifications, items),
    readIds: new Set([...state.readIds, ...items.filter(({ read }) => read).map(({ id }) => id)]),
    inboxes: withInboxes(state.inboxes, [inboxes.own, inboxes.everybody]),
    oldest: first ? oldestWithFirst(state, page) : oldestWithNext(state, page, before),
    outdated: state.outdated && !first,
  };
}

export function withEvent<Type extends keyof NotificationEvents>(
  state: InboxState,
  type: Type,
  data: NotificationEvents[Type],
): InboxState {
  return withEventOf[type](state, data);
}

/** Some events are lost: what is shown stays until the next first page, and older pages are to be asked for again. */
export function withGap(state: InboxState): InboxState {
  return { ...state, outdated: true };
}

export function unreadCount({ inboxes }: InboxState): number {
  const counts = [...inboxes.values()].map(({ total, read }) => total - read);
  // Less than none: the user has read an announcement, somewhere, that is yet to come here.
  return Math.max(
    0,
    counts.reduce((sum, count) => sum + count, 0),
  );
}

/** Those among which none is missing, the latest first. */
export function visible({ notifications, readIds, oldest }: InboxState): InboxItem[] {
  if (oldest === undefined) {
    return [];
  }
  return [...notifications.values()]
    .filter(({ id }) => id >= (oldest ?? 0))
    .toSorted((a, b) => b.id - a.id)
    .map((notification) => ({ ...notification, read: readIds.has(notification.id) }));
}

const withEventOf: {
  readonly [Type in keyof NotificationEvents]: (
    state: InboxState,
    data: NotificationEvents[Type],
  ) => InboxState;
} = {
  'notification.created': (state, { notification, inbox }) => ({
    ...state,
    notifications: withNotifications(state.notifications, [notification]),
    inboxes: withInboxes(state.inboxes, [inbox]),
  }),
  'notification.read': (state, { ids, inbox }) => ({
    ...state,
    readIds: new Set([...state.readIds, ...ids]),
    inboxes: withInboxes(state.inboxes, [inbox]),
  }),
};

function withNotifications(
  known: InboxState['notifications'],
  more: readonly Notification[],
): InboxState['notifications'] {
  return new Map([...known, ...more.map((notification) => [notification.id, notification] as const)]);
}

function withInboxes(known: InboxState['inboxes'], more: readonly Inbox[]): InboxState['inboxes'] {
  const inboxes = new Map(known);
  for (const inbox of more) {
    if (inbox.revision >= (inboxes.get(inbox.owner)?.revision ?? 0)) {
      inboxes.set(inbox.owner, inbox);
    }
  }
  return inboxes;
}

function oldestWithFirst({ oldest, outdated }: InboxState, { next }: InboxPage): number | null {
  return oldest === undefined || outdated ? next : lower(oldest, next);
}

/** A page that doesn't reach up to what is there was asked for before a gap. */
function oldestWithNext(
  { oldest }: InboxState,
  { next }: InboxPage,
  before: number,
): number | null | undefined {
  return oldest === undefined || oldest === null || before < oldest ? oldest : lower(oldest, next);
}

function lower(a: number | null, b: number | null): number | null {
  return a === null || b === null ? null : Math.min(a, b);
}
