import { type DynamicModule, Module } from '@nestjs/common';

import { Database } from '../database/database.js';
import { Accounts } from './accounts.js';
import { AccountsController } from './accounts.controller.js';
import { DemoAccounts } from './demo-accounts.js';

@Module({})
export class AccountsModule {
  /** @param demoPassword of the accounts that an empty database gets; `undefined`: it gets none */
  static of(demoPassword: string | undefined): DynamicModule {
    return {
      module: AccountsModule,
      global: true,
      controllers: [AccountsController],
      providers: [
        Accounts,
        {
          provide: DemoAccounts,
          useFactory: (database: Database) => new DemoAccounts(database, demoPassword),
          inject: [Database],
        },
      ],
      exports: [Accounts, DemoAccounts],
    };
  }
}
