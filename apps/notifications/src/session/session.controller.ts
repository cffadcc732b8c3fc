import { SseChannelRegistry } from '@nestcast/sse';
import { Body, Controller, Delete, Get, HttpCode, Post, Req, UseGuards } from '@nestjs/common';
import type { Request } from 'express';

import { SignInDto } from './sign-in.dto.js';
import { CurrentUserId, signedInUser } from './session-user.js';
import { SessionGuard } from './session.guard.js';

/** A demo sign-in: anyone may be anyone. Put your own identity provider here. */
@Controller('session')
export class SessionController {
  constructor(private readonly channels: SseChannelRegistry) {}

  @Post()
  signIn(@Body() { userId }: SignInDto, @Req() request: Request): { userId: string } {
    request.session = { userId };
    return { userId };
  }

  @Get()
  @UseGuards(SessionGuard)
  current(@CurrentUserId() userId: string): { userId: string } {
    return { userId };
  }

  /**
   * Streams were authorised when they opened, so they are closed here. The user's other devices come back by themselves;
   * other tabs of this browser get 401 then, and show that they are signed out.
   */
  @Delete()
  @HttpCode(204)
  async signOut(@Req() request: Request): Promise<void> {
    const userId = signedInUser(request);
    request.session = null;
    if (userId !== undefined) {
      await this.channels.disconnect({ userId }, 'revoked');
    }
  }
}
