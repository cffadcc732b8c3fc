import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { and, eq, lte, sql } from 'drizzle-orm';

import { Database } from '../database/database.js';
import type { Match } from './match.js';
import { newMatchDay, playTick } from './match-day.js';
import type { Scores } from './score-events.js';
import { scoreboardTable } from './scoreboard.table.js';
import { seededRandom } from './seeded-random.js';

const ID = 'main';
const { id, tick, state, advancedAt } = scoreboardTable;
const isMain = eq(id, ID);
const isDue = lte(advancedAt, sql`now() - interval '1 second'`);
/** A second after the last tick, so that none gets lost between two looks; not far back after a time without listeners. */
const NEXT = sql`greatest(${advancedAt} + interval '1 second', now() - interval '500 milliseconds')`;

/** The simulated matches that are on, which all nodes have in common. */
@Injectable()
export class Scoreboard implements OnModuleInit {
  constructor(@Inject(Database) private readonly database: Database) {}

  async onModuleInit(): Promise<void> {
    const row = { id: ID, tick: 0, state: newMatchDay(1, seededRandom(0)), advancedAt: new Date() };
    await this.database.insert(scoreboardTable).values(row).onConflictDoNothing();
  }

  async now(): Promise<Scores> {
    const [row] = await this.database.select().from(scoreboardTable).where(isMain);
    if (row === undefined) {
      throw new Error('The scoreboard is gone from the database; it is made when the application starts.');
    }
    return { tick: row.tick, matches: row.state.matches };
  }

  /**
   * Moves the matches on by a tick, if it is time and no other node has done so: of all that try, one is first. It is for
   * that one to tell everybody.
   *
   * @returns the tick and the matches that it has changed; `undefined` where there was nothing to do
   */
  async advance(): Promise<Scores | undefined> {
    const [before] = await this.database
      .select({ tick, state })
      .from(scoreboardTable)
      .where(and(isMain, isDue));
    if (before === undefined) {
      return undefined;
    }
    const after = playTick(before.state, seededRandom(before.tick + 1));
    const [moved] = await this.database
      .update(scoreboardTable)
      .set({ tick: before.tick + 1, state: after, advancedAt: NEXT })
      .where(and(isMain, eq(tick, before.tick)))
      .returning({ tick });
    return moved && { tick: moved.tick, matches: changedMatches(before.state.matches, after.matches) };
  }
}

function changedMatches(before: readonly Match[], after: readonly Match[]): Match[] {
  return after.filter((match, index) => match !== before[index]);
}
