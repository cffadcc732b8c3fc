import {
  type Connection,
  SseChannel,
  SseCompression,
  SseConnection,
  SseConnectionLimit,
  SseHeartbeat,
} from '@nestcast/sse';
import { Body, Controller, Get, Post, Query, UnauthorizedException, UseGuards } from '@nestjs/common';

import { NodeFiguresChannel } from '../node-figures/node-figures.channel.js';
import { ServingNode } from '../serving-node/serving-node.js';
import { SessionStore, type Session } from '../session/session-store.js';
import { CurrentSession } from '../session/session-user.js';
import { SessionGuard } from '../session/session.guard.js';
import { CreateNotificationDto } from './create-notification.dto.js';
import type { Notification } from './notification.js';
import { NotificationMetrics } from './notification-metrics.js';
import { ANNOUNCEMENTS, channelOf, NotificationStore } from './notification-store.js';
import { StreamQueryDto } from './stream-query.dto.js';

const RECENT = 50;

@Controller('notifications')
@UseGuards(SessionGuard)
export class NotificationsController {
  constructor(
    private readonly store: NotificationStore,
    private readonly sessions: SessionStore,
    private readonly figures: NodeFiguresChannel,
    private readonly metrics: NotificationMetrics,
    private readonly node: ServingNode,
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
    this.metrics.count(notification);
    return notification;
  }

  @SseChannel('stream')
  @SseConnectionLimit({ perUser: 3 })
  @SseHeartbeat({ intervalMs: 15_000 })
  @SseCompression({ encodings: ['gzip'] })
  async stream(
    @CurrentSession() session: Session,
    @Query() query: StreamQueryDto,
    @SseConnection() connection: Connection,
  ): Promise<string[]> {
    // Asked again, now that the connection is known: who has signed out everywhere since the guard was here closes it.
    if (!(await this.sessions.isCurrent(session))) {
      throw new UnauthorizedException('Sign in first.');
    }
    if (this.node.name !== undefined) {
      connection.send({ type: 'node.serving', data: { name: this.node.name } });
    }
    const names = [channelOf(session.userId), ANNOUNCEMENTS];
    return query.figures === 'node' ? [...names, this.figures.name] : names;
  }
}
