import { randomUUID } from 'node:crypto';

import {
  type Channel,
  SseChannel,
  SseChannelRegistry,
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

import { Accounts } from '../accounts/accounts.js';
import { channelOf } from '../notifications/channels.js';
import { EVERYBODY } from '../notifications/notification.js';
import { UnknownRecipientException } from '../notifications/unknown-recipient.exception.js';
import { CurrentUser } from '../session/current-user.decorator.js';
import { ForRole, RoleGuard } from '../session/role.guard.js';
import type { User } from '../session/session.js';
import { SessionGuard } from '../session/session.guard.js';
import { Sessions } from '../session/sessions.js';
import { ConnectionSurvey } from './connection-survey.js';
import { FIGURES } from './figures-feed.js';
import type { OperationsEvents, TestEvents, UserConnections } from './operations-events.js';
import { SendTestEventDto } from './send-test-event.dto.js';
import { UserDto } from './user.dto.js';

/** For administrators: what all nodes do, and what can be done about it. */
@Controller('operations')
@UseGuards(SessionGuard, RoleGuard)
@ForRole('admin')
export class OperationsController {
  constructor(
    private readonly channels: SseChannelRegistry,
    private readonly survey: ConnectionSurvey,
    private readonly accounts: Accounts,
    private readonly sessions: Sessions,
  ) {}

  @SseChannel('stream')
  @SseConnectionLimit({ perUser: 5 })
  @SseHeartbeat({ intervalMs: 15_000 })
  async stream(@Req() request: Request): Promise<Channel<OperationsEvents>> {
    // Asked again, now that the connection is known: who has signed out everywhere since the guard was here closes it.
    if ((await this.sessions.userOf(request)) === undefined) {
      throw new UnauthorizedException('Sign in first.');
    }
    return this.channels.channel<OperationsEvents>(FIGURES);
  }

  @Get('connections')
  connections(@Query() { userId }: UserDto): Promise<UserConnections> {
    return this.survey.connectionsOf(userId);
  }

  /** Their pages come back by themselves: nobody has lost a right. */
  @Post('disconnect')
  @HttpCode(200)
  async disconnect(@Body() { userId }: UserDto): Promise<{ readonly connections: number }> {
    return { connections: await this.channels.disconnect({ userId }) };
  }

  @Post('test-event')
  @HttpCode(202)
  async sendTestEvent(
    @Body() { target, title, message }: SendTestEventDto,
    @CurrentUser() { name: sender }: User,
  ): Promise<{ readonly id: string }> {
    if (target !== EVERYBODY && (await this.accounts.find(target)) === undefined) {
      throw new UnknownRecipientException(target);
    }
    const data = { id: randomUUID(), title, message, sender };
    await this.channels.publish<TestEvents>(channelOf(target), {
      type: 'operations.test',
      data,
      ephemeral: true,
    });
    return { id: data.id };
  }
}
