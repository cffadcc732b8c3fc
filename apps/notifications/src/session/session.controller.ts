import { SseChannelRegistry } from '@nestcast/sse';
import { Body, Controller, Delete, Get, HttpCode, Post, Req, UseGuards } from '@nestjs/common';
import type { Request } from 'express';

import { SessionStore, type Session } from './session-store.js';
import { CurrentSession, sessionOf } from './session-user.js';
import { SessionGuard } from './session.guard.js';
import { SignInDto } from './sign-in.dto.js';

/** A demo sign-in: anyone may be anyone. Put your own identity provider here. */
@Controller('session')
export class SessionController {
  constructor(
    private readonly channels: SseChannelRegistry,
    private readonly sessions: SessionStore,
  ) {}

  @Post()
  async signIn(@Body() { userId }: SignInDto, @Req() request: Request): Promise<{ userId: string }> {
    request.session = await this.sessions.begin(userId);
    return { userId };
  }

  @Get()
  @UseGuards(SessionGuard)
  current(@CurrentSession() { userId }: Session): { userId: string } {
    return { userId };
  }

  /**
   * Streams were authorised when they opened, so they are closed here. The user's other devices come back by themselves;
   * other tabs of this browser get 401 then, and show that they are signed out.
   */
  @Delete()
  @HttpCode(204)
  async signOut(@Req() request: Request): Promise<void> {
    const session = sessionOf(request);
    request.session = null;
    if (session !== undefined) {
      await this.channels.disconnect({ userId: session.userId }, 'revoked');
    }
  }

  /** On all devices: no cookie of before counts any more, and what was opened with one is closed. */
  @Delete('everywhere')
  @HttpCode(204)
  @UseGuards(SessionGuard)
  async signOutEverywhere(@CurrentSession() { userId }: Session, @Req() request: Request): Promise<void> {
    // First, so that no stream that is closed can come back.
    await this.sessions.endAll(userId);
    request.session = null;
    await this.channels.disconnect({ userId }, 'revoked');
  }
}
