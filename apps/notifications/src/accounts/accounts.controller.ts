import { Controller, Get, UseGuards } from '@nestjs/common';

import { SessionGuard } from '../session/session.guard.js';
import type { Account } from './account.js';
import { Accounts } from './accounts.js';

@Controller('accounts')
@UseGuards(SessionGuard)
export class AccountsController {
  constructor(private readonly accounts: Accounts) {}

  /** Whom one can write to. */
  @Get()
  all(): Promise<Account[]> {
    return this.accounts.all();
  }
}
