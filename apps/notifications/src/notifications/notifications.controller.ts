import {
  SseChannel,
  SseChannelRegistry,
  SseCompression,
  SseConnectionLimit,
  SseHeartbeat,
} from '@nestcast/sse';
import { Body, Controller, Get, Post, Query, UnauthorizedException, UseGuards } from '@nestjs/common';

import { NodeFiguresChannel } from '../node-figures/node-figures.channel.js';
import { SessionStore, type Session } from '../session/session-store.js';
import { CurrentSession } from '../session/session-user.js';
import { SessionGuard } from '../session/session.guard.js';
import { CreateNotificationDto } from './create-notification.dto.js';
import { EVERYBODY, type Notification } from './notification.js';
import { NotificationMetrics } from './notification-metrics.js';
import { NotificationStore } from './notification-store.js';
import { StreamQueryDto } from './stream-query.dto.js';

const RECENT = 50;
const ANNOUNCEMENTS = 'announcements';
const channelOf = (userId: string): string => (userId === EVERYBODY ? ANNOUNCEMENTS : `user/${userId}`);

@Controller('notifications')
@UseGuards(SessionGuard)
export class NotificationsController {
  constructor(
    private readonly channels: SseChannelRegistry,
    private readonly store: NotificationStore,
    private readonly sessions: SessionStore,
    private readonly figures: NodeFiguresChannel,
    private readonly metrics: NotificationMetrics,
  ) {}

  @Get()
  recent(@CurrentSession() { userId }: Session): Promise<Notification[]> {
    return this.store.recentFor(userId, RECENT);
  }

  @Post()
  async create(
    @Body() { userId, title, body, level }: CreateNotificationDto,
    @CurrentSession() { userId: from }: Session,
  ): Promise<Notification> {
    const notification = await this.store.add({ userId, title, body, level, from });
    await this.channels.publish(channelOf(userId), { type: 'notification.created', data: notification });
    this.metrics.count(notification);
    return notification;
  }

  @SseChannel('stream')
  @SseConnectionLimit({ perUser: 3 })
  @SseHeartbeat({ intervalMs: 15_000 })
  @SseCompression({ encodings: ['gzip'] })
  async stream(@CurrentSession() session: Session, @Query() query: StreamQueryDto): Promise<string[]> {
    // Asked again, now that the connection is known: who has signed out everywhere since the guard was here closes it.
    if (!(await this.sessions.isCurrent(session))) {
      throw new UnauthorizedException('Sign in first.');
    }
    const names = [channelOf(session.userId), ANNOUNCEMENTS];
    return query.figures === 'node' ? [...names, this.figures.name] : names;
  }
}
