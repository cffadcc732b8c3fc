import { Inject, Injectable, Logger, type OnModuleInit } from '@nestjs/common';

import { Database } from '../database/database.js';
import { accountTable } from './account.table.js';
import type { Account } from './account.js';
import { hashOf } from './password-hash.js';

/** People to try the application as. */
const PEOPLE: readonly Account[] = [
  { id: 'ada', name: 'Ada Lovelace', role: 'admin' },
  { id: 'grace', name: 'Grace Hopper', role: 'member' },
  { id: 'linus', name: 'Linus Torvalds', role: 'member' },
  { id: 'margaret', name: 'Margaret Hamilton', role: 'member' },
  { id: 'barbara', name: 'Barbara Liskov', role: 'member' },
  { id: 'tim', name: 'Tim Berners-Lee', role: 'member' },
];

/** Accounts with a password that is no secret, for a database that has none. */
@Injectable()
export class DemoAccounts implements OnModuleInit {
  private readonly logger = new Logger(DemoAccounts.name);

  constructor(
    @Inject(Database) private readonly database: Database,
    /** `undefined`: none are made. */
    readonly password: string | undefined,
  ) {}

  /** Who a visitor may sign in as. */
  get accounts(): readonly Account[] {
    return this.password === undefined ? [] : PEOPLE;
  }

  async onModuleInit(): Promise<void> {
    const [someone] = await this.database.select({ id: accountTable.id }).from(accountTable).limit(1);
    if (someone !== undefined) {
      return;
    }
    if (this.password === undefined) {
      this.logger.warn('There are no accounts. DEMO_PASSWORD makes some to try the application with.');
      return;
    }
    const passwordHash = await hashOf(this.password);
    // Nodes that start together all find none.
    await this.database
      .insert(accountTable)
      .values(PEOPLE.map((person) => ({ ...person, passwordHash })))
      .onConflictDoNothing();
  }
}
