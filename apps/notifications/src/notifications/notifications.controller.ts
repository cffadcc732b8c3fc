import {
  type Connection,
  SseChannel,
  SseCompression,
  SseConnection,
  SseConnectionLimit,
  SseHeartbeat,
} from '@nestcast/sse';
import {
  Body,
  Controller,
  Get,
  HttpCode,
  Post,
  Query,
  Req,
  UnauthorizedException,
  UseGuards,
} from '@nestjs/common';
import type { Request } from 'express';

import { ServingNode } from '../serving-node/serving-node.js';
import { CurrentUser } from '../session/current-user.decorator.js';
import type { User } from '../session/session.js';
import { SessionGuard } from '../session/session.guard.js';
import { Sessions } from '../session/sessions.js';
import { ANNOUNCEMENTS, channelOf } from './channels.js';
import { CreateNotificationDto } from './create-notification.dto.js';
import { IdempotencyKey } from './idempotency-key.decorator.js';
import type { InboxPage } from './inbox.js';
import { InboxQueryDto } from './inbox-query.dto.js';
import { InboxStore } from './inbox-store.js';
import { MarkReadDto } from './mark-read.dto.js';
import type { Notification } from './notification.js';
import type { NotificationEvents } from './notification-events.js';
import { NotificationStore } from './notification-store.js';

@Controller('notifications')
@UseGuards(SessionGuard)
export class NotificationsController {
  constructor(
    private readonly inboxes: InboxStore,
    private readonly store: NotificationStore,
    private readonly sessions: Sessions,
    private readonly node: ServingNode,
  ) {}

  @Get()
  page(@CurrentUser() { id }: User, @Query() { limit, before }: InboxQueryDto): Promise<InboxPage> {
    return this.inboxes.page(id, limit, before);
  }

  @Post()
  create(
    @Body() { recipient, title, body, level }: CreateNotificationDto,
    @CurrentUser() { id: sender }: User,
    @IdempotencyKey() requestKey: string | undefined,
  ): Promise<Notification> {
    return this.store.add({ recipient, title, body, level, sender, requestKey });
  }

  @Post('read')
  @HttpCode(200)
  markRead(
    @CurrentUser() { id }: User,
    @Body() { ids = [], upTo }: MarkReadDto,
  ): Promise<NotificationEvents['notification.read']> {
    return this.inboxes.markRead(id, upTo === undefined ? { ids } : { upTo });
  }

  @SseChannel('stream')
  @SseConnectionLimit({ perUser: 3 })
  @SseHeartbeat({ intervalMs: 15_000 })
  @SseCompression({ encodings: ['gzip'] })
  async stream(
    @CurrentUser() { id }: User,
    @Req() request: Request,
    @SseConnection() connection: Connection,
  ): Promise<string[]> {
    // Asked again, now that the connection is known: who has signed out everywhere since the guard was here closes it.
    if ((await this.sessions.userOf(request)) === undefined) {
      throw new UnauthorizedException('Sign in first.');
    }
    if (this.node.name !== undefined) {
      connection.send({ type: 'node.serving', data: { name: this.node.name } });
    }
    return [channelOf(id), ANNOUNCEMENTS];
  }
}
