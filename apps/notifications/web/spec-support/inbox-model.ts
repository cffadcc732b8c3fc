import type { Inbox, InboxPage } from '../../src/notifications/inbox.js';
import { EVERYBODY, type InboxItem, type Notification } from '../../src/notifications/notification.js';
import type { NotificationEvents } from '../../src/notifications/notification-events.js';

export type ModelEvent = {
  [Type in keyof NotificationEvents]: { readonly type: Type; readonly data: NotificationEvents[Type] };
}[keyof NotificationEvents];

/** An answer, with what it was asked for with. */
export interface ModelPage {
  readonly page: InboxPage;
  readonly before: number | undefined;
}

const PAGE = 5;

/** What the server does with one user's notifications, in memory. */
export class InboxModel {
  private readonly notifications: Notification[] = [];
  private readonly readIds = new Set<number>();
  private readonly revisions = new Map<string, number>();
  private readonly listeners: ((event: ModelEvent) => void)[] = [];
  private lastId = 0;
  /** An id that a transaction has, which commits after those of higher ids. */
  private open: { readonly id: number; readonly recipient: string } | undefined;

  constructor(private readonly userId: string) {}

  onEvent(listener: (event: ModelEvent) => void): void {
    this.listeners.push(listener);
  }

  /**
   * @param late it gets its id, but isn't there before the next one that is sent to the other recipient: of one recipient
   * they are there in the order of their ids
   */
  send(recipient: string, late = false): void {
    if (this.open?.recipient === recipient) {
      this.commitOpen();
    }
    this.lastId += 1;
    if (late && this.open === undefined) {
      this.open = { id: this.lastId, recipient };
      return;
    }
    this.commit(this.lastId, recipient);
    this.commitOpen();
  }

  read(selects: (id: number) => boolean): void {
    const ids = this.notifications.map(({ id }) => id).filter((id) => selects(id) && !this.readIds.has(id));
    if (ids.length > 0) {
      ids.forEach((id) => this.readIds.add(id));
      this.tell({ type: 'notification.read', data: { ids, inbox: this.changed(this.userId) } });
    }
  }

  /** The latest first. */
  items(): InboxItem[] {
    return this.notifications
      .map((notification) => ({ ...notification, read: this.readIds.has(notification.id) }))
      .toSorted((a, b) => b.id - a.id);
  }

  unread(): number {
    return this.items().filter(({ read }) => !read).length;
  }

  page(before?: number): ModelPage {
    const from = this.items().filter(({ id }) => id < (before ?? Infinity));
    const items = from.slice(0, PAGE);
    const next = from.length > PAGE ? (items.at(-1)?.id ?? null) : null;
    const inboxes = { own: this.inboxOf(this.userId), everybody: this.inboxOf(EVERYBODY) };
    return { page: { items, next, inboxes }, before };
  }

  private commitOpen(): void {
    const { open } = this;
    this.open = undefined;
    if (open !== undefined) {
      this.commit(open.id, open.recipient);
    }
  }

  private commit(id: number, recipient: string): void {
    const notification: Notification = {
      id,
      recipient,
      title: `Title ${id}`,
      body: '',
      level: 'info',
      sender: 'grace',
      createdAt: new Date(id).toISOString(),
    };
    this.notifications.push(notification);
    this.tell({ type: 'notification.created', data: { notification, inbox: this.changed(recipient) } });
  }

  private changed(owner: string): Inbox {
    this.revisions.set(owner, (this.revisions.get(owner) ?? 0) + 1);
    return this.inboxOf(owner);
  }

  private inboxOf(owner: string): Inbox {
    return {
      owner,
      revision: this.revisions.get(owner) ?? 0,
      total: this.notifications.filter(({ recipient }) => recipient === owner).length,
      read: owner === this.userId ? this.readIds.size : 0,
    };
  }

  private tell(event: ModelEvent): void {
    this.listeners.forEach((listener) => listener(event));
  }
}
