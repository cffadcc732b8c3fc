import { randomUUID } from 'node:crypto';

import { Inject, Injectable } from '@nestjs/common';
import { and, eq, inArray, isNotNull, lt, ne, notInArray, sql } from 'drizzle-orm';

import { Database } from '../database/database.js';
import type { AnswerFigures } from './answer.js';
import type { AnswerEnd } from './answer-events.js';
import type { AnswerRow } from './answer-row.js';
import { answerTable } from './answer.table.js';

/** An answer as far as it is written. */
export type Draft = Pick<AnswerFigures, 'tokens' | 'firstTokenMs'> & { readonly text: string };

/** How its writer says that it has ended. Where its user has cancelled it, it stays cancelled. */
export interface Outcome {
  readonly state: Exclude<AnswerEnd['state'], 'cancelled'>;
  readonly durationMs: number;
  readonly error: string | null;
}

/**
 * Which process writes which answer. Who has the claim to one owes it an end, in the table and to its readers, and says from
 * time to time that it is alive; another process takes the claim over from one that no longer does.
 */
@Injectable()
export class AnswerClaims {
  /** This process. */
  readonly owner = randomUUID();

  constructor(@Inject(Database) private readonly database: Database) {}

  /** @returns whether it is to go on: the claim is still this process's, and nobody has cancelled the answer */
  async save(id: string, { text, tokens, firstTokenMs }: Draft): Promise<boolean> {
    const rows = await this.database
      .update(answerTable)
      .set({ text, tokens, firstTokenMs, claimedAt: sql`now()` })
      .where(and(this.mine(id), eq(answerTable.state, 'running')))
      .returning({ id: answerTable.id });
    return rows.length > 0;
  }

  /** @returns what it has become; `undefined` where another process has taken it over, and tells its end */
  async finish(
    id: string,
    { text, tokens, firstTokenMs }: Draft,
    { state, durationMs, error }: Outcome,
  ): Promise<AnswerRow | undefined> {
    const cancelled = sql`${answerTable.state} = 'cancelled'`;
    const [row] = await this.database
      .update(answerTable)
      .set({
        text,
        tokens,
        firstTokenMs,
        durationMs,
        state: sql`case when ${cancelled} then 'cancelled' else ${state} end`,
        error: sql`case when ${cancelled} then null else ${error} end`,
        finishedAt: sql`now()`,
      })
      .where(this.mine(id))
      .returning();
    return row;
  }

  /** The end has been told: nobody owes anything. One that has no end is kept. */
  async release(id: string): Promise<void> {
    await this.database
      .update(answerTable)
      .set({ claimedBy: null, claimedAt: null })
      .where(and(this.mine(id), ne(answerTable.state, 'running')));
  }

  /**
   * Says that this process is alive.
   *
   * @returns which of them are to go on, as {@link save} does
   */
  async renew(ids: readonly string[]): Promise<string[]> {
    if (ids.length === 0) {
      return [];
    }
    const rows = await this.database
      .update(answerTable)
      .set({ claimedAt: sql`now()` })
      .where(and(inArray(answerTable.id, [...ids]), eq(answerTable.claimedBy, this.owner)))
      .returning({ id: answerTable.id, state: answerTable.state });
    return rows.filter(({ state }) => state === 'running').map(({ id }) => id);
  }

  /**
   * Claims what has been left, by a process that has died or couldn't tell an end. What was running is interrupted then.
   *
   * @param staleMs for how long nothing may have been said of one that is written; by the database's clock
   * @param except what this process writes, in case that it was stopped for so long
   * @returns what ends are to be told
   */
  async takeOver(staleMs: number, except: readonly string[]): Promise<AnswerRow[]> {
    return this.database
      .update(answerTable)
      .set({
        claimedBy: this.owner,
        claimedAt: sql`now()`,
        state: sql`case when ${answerTable.state} = 'running' then 'interrupted' else ${answerTable.state} end`,
        finishedAt: sql`coalesce(${answerTable.finishedAt}, now())`,
      })
      .where(
        and(
          isNotNull(answerTable.claimedBy),
          notInArray(answerTable.id, [...except]),
          lt(answerTable.claimedAt, sql`now() - ${staleMs} * interval '1 millisecond'`),
        ),
      )
      .returning();
  }

  private mine(id: string) {
    return and(eq(answerTable.id, id), eq(answerTable.claimedBy, this.owner));
  }
}
