import { randomUUID } from 'node:crypto';

import { SseChannelRegistry } from '@nestcast/sse';
import { Injectable } from '@nestjs/common';

import { ServingNode } from '../serving-node/serving-node.js';
import { EVERYBODY, type Notification } from './notification.js';

/** What everybody is told. */
export const ANNOUNCEMENTS = 'announcements';

/** Where a recipient's notifications are published. */
export const channelOf = (userId: string): string =>
  userId === EVERYBODY ? ANNOUNCEMENTS : `user/${userId}`;

/**
 * The notifications are the events of the channels: to keep one is to publish it, and what the log still has can be looked
 * up, on every node alike.
 */
@Injectable()
export class NotificationStore {
  constructor(
    private readonly channels: SseChannelRegistry,
    private readonly node: ServingNode,
  ) {}

  /**
   * Gives the draft its id and its time, keeps it, and tells those it is for.
   *
   * @throws SseError `BROKER_UNAVAILABLE`, as a rejection
   */
  async add(draft: Omit<Notification, 'id' | 'createdAt' | 'via'>): Promise<Notification> {
    const notification: Notification = {
      ...draft,
      id: randomUUID(),
      createdAt: new Date().toISOString(),
      via: this.node.name,
    };
    await this.channels.publish(channelOf(draft.userId), {
      type: 'notification.created',
      data: notification,
    });
    return notification;
  }

  /**
   * What the user was sent, announcements included, newest first.
   *
   * @throws SseError `BROKER_UNAVAILABLE`, as a rejection
   */
  async recentFor(userId: string, limit: number): Promise<Notification[]> {
    const events = await this.channels.history([channelOf(userId), ANNOUNCEMENTS], limit);
    return events.toReversed().map(({ data }) => data as Notification);
  }
}
