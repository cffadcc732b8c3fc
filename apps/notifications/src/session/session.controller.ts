import { SseChannelRegistry } from '@nestcast/sse';
import {
  Body,
  Controller,
  Delete,
  Get,
  HttpCode,
  Post,
  Req,
  UnauthorizedException,
  UseGuards,
} from '@nestjs/common';
import type { Request } from 'express';

import type { Account } from '../accounts/account.js';
import { Accounts } from '../accounts/accounts.js';
import { DemoAccounts } from '../accounts/demo-accounts.js';
import { CurrentUser } from './current-user.decorator.js';
import type { User } from './session.js';
import { SessionGuard } from './session.guard.js';
import { Sessions } from './sessions.js';
import { SignInDto } from './sign-in.dto.js';
import { SignInThrottlerGuard } from './sign-in-throttler.guard.js';

/** Who signs in, and out. */
@Controller('session')
export class SessionController {
  constructor(
    private readonly channels: SseChannelRegistry,
    private readonly sessions: Sessions,
    private readonly accounts: Accounts,
    private readonly demo: DemoAccounts,
  ) {}

  @Post()
  @UseGuards(SignInThrottlerGuard)
  async signIn(@Body() { userId, password }: SignInDto, @Req() request: Request): Promise<Account> {
    const user = await this.sessions.begin(request, userId, password);
    if (user === undefined) {
      throw new UnauthorizedException('This user ID and this password don’t belong together.');
    }
    return accountOf(user);
  }

  @Get()
  @UseGuards(SessionGuard)
  current(@CurrentUser() user: User): Account {
    return accountOf(user);
  }

  /** Accounts that anybody may use; none outside of a demo. */
  @Get('demo-accounts')
  demoAccounts(): { readonly password?: string | undefined; readonly accounts: readonly Account[] } {
    const { password, accounts } = this.demo;
    return { password, accounts };
  }

  /**
   * Streams were authorised when they opened, so they are closed here. The user's other devices come back by themselves;
   * other tabs of this browser get 401 then, and show that they are signed out.
   */
  @Delete()
  @HttpCode(204)
  async signOut(@Req() request: Request): Promise<void> {
    const user = await this.sessions.userOf(request);
    request.session = null;
    if (user !== undefined) {
      await this.channels.disconnect({ userId: user.id }, 'revoked');
    }
  }

  /** On all devices: no cookie of before counts any more, and what was opened with one is closed. */
  @Delete('everywhere')
  @HttpCode(204)
  @UseGuards(SessionGuard)
  async signOutEverywhere(@CurrentUser() { id }: User, @Req() request: Request): Promise<void> {
    // First, so that no stream that is closed can come back.
    await this.accounts.endSessions(id);
    request.session = null;
    await this.channels.disconnect({ userId: id }, 'revoked');
  }
}

const accountOf = ({ id, name, role }: User): Account => ({ id, name, role });
