import { ConflictException, Inject, Injectable } from '@nestjs/common';
import { and, count, desc, eq, getTableColumns } from 'drizzle-orm';

import { Database } from '../database/database.js';
import { takeTurns } from '../database/take-turns.js';
import type { ImportFile } from './import-file.js';
import type { Import, ImportDetails } from './import.js';
import { importTable } from './import.table.js';

/** How many imports of one user may be running at a time, on all nodes. */
export const MOST_RUNNING = 3;
const MOST_LISTED = 50;

const { csv: _csv, claimedBy: _by, claimedAt: _at, userId: _user, ...DETAILS } = getTableColumns(importTable);
const { problems: _problems, ...SUMMARY } = DETAILS;

/** What users have imported; each sees and changes its own alone. */
@Injectable()
export class ImportStore {
  constructor(@Inject(Database) private readonly database: Database) {}

  /**
   * Puts it with those that are to be worked on, by whichever process.
   *
   * @returns its id
   * @throws ConflictException where the user has as many running as it may
   */
  create(userId: string, fileName: string, { csv, lines }: ImportFile): Promise<string> {
    return this.database.transaction(async (tx) => {
      // Whoever sends another at the same time waits here, and counts this one then.
      await takeTurns(tx, `imports/${userId}`);
      const [running] = await tx
        .select({ count: count() })
        .from(importTable)
        .where(and(eq(importTable.userId, userId), eq(importTable.state, 'running')));
      if (running !== undefined && running.count >= MOST_RUNNING) {
        throw new ConflictException(
          `You have ${MOST_RUNNING} imports running. Wait for one to end, or cancel it.`,
        );
      }
      const [row] = await tx
        .insert(importTable)
        .values({ userId, fileName, csv, lines })
        .returning({ id: importTable.id });
      return (row as { readonly id: string }).id;
    });
  }

  /** Latest first. */
  async list(userId: string): Promise<Import[]> {
    const rows = await this.database
      .select(SUMMARY)
      .from(importTable)
      .where(eq(importTable.userId, userId))
      .orderBy(desc(importTable.createdAt))
      .limit(MOST_LISTED);
    return rows.map(withDates);
  }

  async find(userId: string, id: string): Promise<ImportDetails | undefined> {
    const [row] = await this.database
      .select(DETAILS)
      .from(importTable)
      .where(and(eq(importTable.id, id), eq(importTable.userId, userId)));
    return row && withDates(row);
  }

  /** What has been sent stays sent; whoever works on it stops at the next batch. Nothing changes if it has ended. */
  async cancel(userId: string, id: string): Promise<void> {
    await this.database
      .update(importTable)
      .set({ state: 'cancelled' })
      .where(and(eq(importTable.id, id), eq(importTable.userId, userId), eq(importTable.state, 'running')));
  }
}

function withDates<Row extends { readonly createdAt: Date; readonly finishedAt: Date | null }>(
  row: Row,
): Omit<Row, 'createdAt' | 'finishedAt'> & Pick<Import, 'createdAt' | 'finishedAt'> {
  return {
    ...row,
    createdAt: row.createdAt.toISOString(),
    finishedAt: row.finishedAt?.toISOString() ?? null,
  };
}
