import {
  SseChannel,
  SseChannelRegistry,
  SseCompression,
  SseConnectionLimit,
  SseHeartbeat,
} from '@nestcast/sse';
import { Body, Controller, Get, Post, UseGuards } from '@nestjs/common';

import { CurrentUserId } from '../session/session-user.js';
import { SessionGuard } from '../session/session.guard.js';
import { CreateNotificationDto } from './create-notification.dto.js';
import { EVERYBODY, type Notification } from './notification.js';
import { NotificationStore } from './notification-store.js';

const RECENT = 50;
const ANNOUNCEMENTS = 'announcements';
const channelOf = (userId: string): string => (userId === EVERYBODY ? ANNOUNCEMENTS : `user/${userId}`);

@Controller('notifications')
@UseGuards(SessionGuard)
export class NotificationsController {
  constructor(
    private readonly channels: SseChannelRegistry,
    private readonly store: NotificationStore,
  ) {}

  @Get()
  recent(@CurrentUserId() userId: string): Promise<Notification[]> {
    return this.store.recentFor(userId, RECENT);
  }

  @Post()
  async create(
    @Body() { userId, title, body, level }: CreateNotificationDto,
    @CurrentUserId() from: string,
  ): Promise<Notification> {
    const notification = await this.store.add({ userId, title, body, level, from });
    await this.channels.publish(channelOf(userId), { type: 'notification.created', data: notification });
    return notification;
  }

  @SseChannel('stream')
  @SseConnectionLimit({ perUser: 6 })
  @SseHeartbeat({ intervalMs: 15_000 })
  @SseCompression({ encodings: ['gzip'] })
  stream(@CurrentUserId() userId: string): string[] {
    return [channelOf(userId), ANNOUNCEMENTS];
  }
}
