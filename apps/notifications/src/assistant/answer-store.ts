import { Inject, Injectable } from '@nestjs/common';
import { and, count, desc, eq, sql } from 'drizzle-orm';

import { Database } from '../database/database.js';
import { takeTurns } from '../database/take-turns.js';
import type { AnswerSummary } from './answer.js';
import type { AnswerRow } from './answer-row.js';
import { answerTable } from './answer.table.js';

/** How many answers of one user may be running at a time, on all nodes. */
export const MOST_RUNNING = 2;
/** How many of a user's answers are listed: its latest. */
const LISTED = 50;

export type Question = Pick<typeof answerTable.$inferInsert, 'userId' | 'prompt' | 'model'> & {
  /** The process that is going to write the answer. */
  readonly claimedBy: string;
};

/** Users' answers, as they ask for them. */
@Injectable()
export class AnswerStore {
  constructor(@Inject(Database) private readonly database: Database) {}

  /** @returns `undefined` where the user has as many running answers already as one may */
  begin(question: Question): Promise<AnswerRow | undefined> {
    return this.database.transaction(async (tx) => {
      // Whoever asks another at the same time waits here, and counts this one then.
      await takeTurns(tx, `answers/${question.userId}`);
      const [running] = await tx
        .select({ count: count() })
        .from(answerTable)
        .where(and(eq(answerTable.userId, question.userId), eq(answerTable.state, 'running')));
      if ((running?.count ?? 0) >= MOST_RUNNING) {
        return undefined;
      }
      const [row] = await tx
        .insert(answerTable)
        .values({ ...question, claimedAt: sql`now()` })
        .returning();
      return row;
    });
  }

  /** The latest first. */
  async list(userId: string): Promise<AnswerSummary[]> {
    const { id, prompt, state, createdAt } = answerTable;
    const rows = await this.database
      .select({ id, prompt, state, createdAt })
      .from(answerTable)
      .where(eq(answerTable.userId, userId))
      .orderBy(desc(createdAt), desc(id))
      .limit(LISTED);
    return rows.map((row) => ({ ...row, createdAt: row.createdAt.toISOString() }));
  }

  /** @returns `undefined` where the user has no such answer */
  async find(userId: string, id: string): Promise<AnswerRow | undefined> {
    const [row] = await this.database
      .select()
      .from(answerTable)
      .where(and(eq(answerTable.id, id), eq(answerTable.userId, userId)));
    return row;
  }

  /**
   * Its writer finds out with what it saves next; whoever can tell it sooner should.
   *
   * @returns whether it was running
   */
  async cancel(userId: string, id: string): Promise<boolean> {
    const rows = await this.database
      .update(answerTable)
      .set({ state: 'cancelled', finishedAt: sql`now()` })
      .where(and(eq(answerTable.id, id), eq(answerTable.userId, userId), eq(answerTable.state, 'running')))
      .returning({ id: answerTable.id });
    return rows.length > 0;
  }
}
