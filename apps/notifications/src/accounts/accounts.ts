import { Inject, Injectable } from '@nestjs/common';
import { verify } from '@node-rs/argon2';
import { eq, inArray, sql } from 'drizzle-orm';

import { Database } from '../database/database.js';
import type { Account } from './account.js';
import { accountTable } from './account.table.js';
import { hashOf } from './password-hash.js';

/** An account, and which of its sessions count. */
export interface AccountWithSessions extends Account {
  readonly sessionEpoch: number;
}

const PUBLIC = { id: accountTable.id, name: accountTable.name, role: accountTable.role };
const WITH_SESSIONS = { ...PUBLIC, sessionEpoch: accountTable.sessionEpoch };

@Injectable()
export class Accounts {
  /** Of nobody's password: who has no account waits as long for a refusal as who has one. */
  private readonly decoy = hashOf('decoy');

  constructor(@Inject(Database) private readonly database: Database) {}

  async find(id: string): Promise<AccountWithSessions | undefined> {
    const [account] = await this.database
      .select(WITH_SESSIONS)
      .from(accountTable)
      .where(eq(accountTable.id, id));
    return account;
  }

  /** Whose password it is: `undefined` where there is no such account, or it has another one. */
  async authenticate(id: string, password: string): Promise<AccountWithSessions | undefined> {
    const [account] = await this.database
      .select({ ...WITH_SESSIONS, passwordHash: accountTable.passwordHash })
      .from(accountTable)
      .where(eq(accountTable.id, id));
    const right = await verify(account?.passwordHash ?? (await this.decoy), password);
    if (account === undefined || !right) {
      return undefined;
    }
    const { passwordHash: _, ...rest } = account;
    return rest;
  }

  /** Which of these ids have an account. */
  async known(ids: readonly string[], database = this.database): Promise<Set<string>> {
    const rows = await database
      .select({ id: accountTable.id })
      .from(accountTable)
      .where(inArray(accountTable.id, [...ids]));
    return new Set(rows.map(({ id }) => id));
  }

  async all(): Promise<Account[]> {
    return this.database.select(PUBLIC).from(accountTable).orderBy(accountTable.id);
  }

  /** Ends all sessions that the account has so far. */
  async endSessions(id: string): Promise<void> {
    await this.database
      .update(accountTable)
      .set({ sessionEpoch: sql`${accountTable.sessionEpoch} + 1` })
      .where(eq(accountTable.id, id));
  }
}
