import { randomUUID } from 'node:crypto';

import { Inject, Injectable } from '@nestjs/common';
import { and, asc, eq, inArray, isNotNull, isNull, lt, not, or, sql } from 'drizzle-orm';

import { Database } from '../database/database.js';
import { importTable } from './import.table.js';

/** An import that this process works on. */
export type ClaimedImport = typeof importTable.$inferSelect;

/** A process that has said nothing of an import for that long has left it. */
const STALE = sql`now() - interval '5 seconds'`;

/**
 * Who works on which import: one process each, until it has ended and that has been told. Another takes over what a process
 * has left. One that only was slow finds that out before it changes anything, because each change asks for the claim.
 */
@Injectable()
export class ImportClaims {
  /** This process, or this life of it. */
  private readonly owner = randomUUID();

  constructor(@Inject(Database) private readonly database: Database) {}

  /**
   * Takes imports that nobody works on, the oldest first.
   *
   * @param except those that this process works on
   */
  take(limit: number, except: readonly string[]): Promise<ClaimedImport[]> {
    const free = this.database
      .select({ id: importTable.id })
      .from(importTable)
      .where(
        and(
          isNull(importTable.finishedAt),
          or(isNull(importTable.claimedAt), lt(importTable.claimedAt, STALE)),
          except.length > 0 ? not(inArray(importTable.id, [...except])) : undefined,
        ),
      )
      .orderBy(asc(importTable.createdAt))
      .limit(limit)
      .for('update', { skipLocked: true });
    return this.database
      .update(importTable)
      .set({ claimedBy: this.owner, claimedAt: sql`now()` })
      .where(inArray(importTable.id, free))
      .returning();
  }

  /**
   * Holds the import's row until the transaction ends.
   *
   * @returns `undefined` if another process has it now
   */
  async hold(tx: Database, id: string): Promise<ClaimedImport | undefined> {
    const [held] = await tx.select().from(importTable).where(this.isMine(id)).for('update');
    return held;
  }

  /** Lets go of all, whoever has claimed them. */
  async releaseAll(): Promise<void> {
    await this.database
      .update(importTable)
      .set({ claimedBy: null, claimedAt: null })
      .where(isNotNull(importTable.claimedBy));
  }

  /** Lets another process have it at once. */
  async release(id: string): Promise<void> {
    await this.database.update(importTable).set({ claimedBy: null, claimedAt: null }).where(this.isMine(id));
  }

  /** It won't go on: what has been sent stays sent. */
  async fail(id: string): Promise<void> {
    await this.database.update(importTable).set({ state: 'failed' }).where(this.isMine(id));
  }

  /** Nothing is left to do. The file's text is of no use any more. */
  async finish(id: string): Promise<void> {
    await this.database
      .update(importTable)
      .set({ claimedBy: null, claimedAt: null, csv: '', finishedAt: sql`now()` })
      .where(this.isMine(id));
  }

  private isMine(id: string) {
    return and(eq(importTable.id, id), eq(importTable.claimedBy, this.owner));
  }
}
