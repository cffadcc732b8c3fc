import { randomUUID } from 'node:crypto';

import { Injectable } from '@nestjs/common';

import { EVERYBODY, type Notification } from './notification.js';

const KEPT_PER_RECIPIENT = 50;
const KEPT_RECIPIENTS = 10_000;

/**
 * The notifications that people can still look up: the newest of each recipient, in memory. Its methods are asynchronous
 * because a database belongs here.
 */
@Injectable()
export class NotificationStore {
  /** Newest first in each list; recipients in the order in which they last got something. */
  private readonly byRecipient = new Map<string, Kept[]>();
  private added = 0;

  /** Gives the draft its id and its time, and keeps it. */
  async add(draft: Omit<Notification, 'id' | 'createdAt'>): Promise<Notification> {
    const notification: Notification = { ...draft, id: randomUUID(), createdAt: new Date().toISOString() };
    const kept = this.byRecipient.get(draft.userId) ?? [];
    this.byRecipient.delete(draft.userId);
    this.byRecipient.set(
      draft.userId,
      [{ place: ++this.added, notification }, ...kept].slice(0, KEPT_PER_RECIPIENT),
    );
    this.forgetQuietestRecipient();
    return notification;
  }

  /** What the user was sent, announcements included, newest first. */
  async recentFor(userId: string, limit: number): Promise<Notification[]> {
    const personal = this.byRecipient.get(userId) ?? [];
    const announcements = this.byRecipient.get(EVERYBODY) ?? [];
    return [...personal, ...announcements]
      .toSorted((a, b) => b.place - a.place)
      .slice(0, limit)
      .map(({ notification }) => notification);
  }

  private forgetQuietestRecipient(): void {
    if (this.byRecipient.size <= KEPT_RECIPIENTS) {
      return;
    }
    for (const recipient of this.byRecipient.keys()) {
      if (recipient !== EVERYBODY) {
        this.byRecipient.delete(recipient);
        return;
      }
    }
  }
}

interface Kept {
  /** Tells the order of two that came in the same millisecond. */
  readonly place: number;
  readonly notification: Notification;
}
