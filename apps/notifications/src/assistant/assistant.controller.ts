import { type Channel, SseChannel, SseCompression } from '@nestcast/sse';
import {
  Body,
  Controller,
  Delete,
  Get,
  HttpCode,
  NotFoundException,
  Param,
  ParseUUIDPipe,
  Post,
  Req,
  UnauthorizedException,
  UseGuards,
} from '@nestjs/common';
import type { Request } from 'express';

import { CurrentUser } from '../session/current-user.decorator.js';
import type { User } from '../session/session.js';
import { SessionGuard } from '../session/session.guard.js';
import { Sessions } from '../session/sessions.js';
import type { Answer, AnswerSummary } from './answer.js';
import { type AnswerRow, answerOf } from './answer-row.js';
import { AnswerStore } from './answer-store.js';
import { AskDto } from './ask.dto.js';
import { AskLimitGuard } from './ask-limit.guard.js';
import { Assistant } from './assistant.js';

/** Questions and answers of the signed-in user; those of others don't exist for it. */
@Controller('assistant')
@UseGuards(SessionGuard)
export class AssistantController {
  constructor(
    private readonly assistant: Assistant,
    private readonly store: AnswerStore,
    private readonly sessions: Sessions,
  ) {}

  @Post('ask')
  @HttpCode(202)
  @UseGuards(AskLimitGuard)
  async ask(@CurrentUser() { id: userId }: User, @Body() { prompt }: AskDto): Promise<Pick<Answer, 'id'>> {
    const { id } = await this.assistant.ask(userId, prompt);
    return { id };
  }

  @Get('answers')
  list(@CurrentUser() { id: userId }: User): Promise<AnswerSummary[]> {
    return this.store.list(userId);
  }

  @Get('answers/:id')
  async answer(@CurrentUser() user: User, @Param('id', ParseUUIDPipe) id: string): Promise<Answer> {
    return answerOf(await this.find(user, id));
  }

  /** Its text so far, then the rest as it is written; 204 to a client that has seen the end. */
  @SseChannel('answers/:id/stream')
  @SseCompression({ encodings: ['gzip'] })
  async stream(
    @CurrentUser() user: User,
    @Param('id', ParseUUIDPipe) id: string,
    @Req() request: Request,
  ): Promise<Channel> {
    const channel = await this.assistant.stream(await this.find(user, id));
    // Asked again, now that the connection is known: who has signed out everywhere since the guard was here closes it.
    if ((await this.sessions.userOf(request)) === undefined) {
      throw new UnauthorizedException('Sign in first.');
    }
    return channel;
  }

  /** Stops it, on whichever node it is written; nothing where it is over. */
  @Delete('answers/:id')
  @HttpCode(204)
  async cancel(@CurrentUser() user: User, @Param('id', ParseUUIDPipe) id: string): Promise<void> {
    await this.find(user, id);
    await this.assistant.cancel(user.id, id);
  }

  private async find({ id: userId }: User, id: string): Promise<AnswerRow> {
    const row = await this.store.find(userId, id);
    if (row === undefined) {
      throw new NotFoundException('There is no such answer.');
    }
    return row;
  }
}
