import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { sql } from 'drizzle-orm';

import { type TestDatabase, openTestDatabase } from '../spec-support/test-database.js';
import type { Scores } from './score-events.js';
import { Scoreboard } from './scoreboard.js';
import { scoreboardTable } from './scoreboard.table.js';

let database: TestDatabase;
/** Of two nodes. */
let boards: [Scoreboard, Scoreboard];
beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database.end());
beforeEach(async () => {
  await database.database.delete(scoreboardTable);
  boards = [new Scoreboard(database.database), new Scoreboard(database.database)];
  await Promise.all(boards.map((board) => board.onModuleInit()));
});

/** As if the last tick were that long ago. */
async function wait(seconds: number): Promise<void> {
  const advancedAt = sql`now() - ${seconds} * interval '1 second'`;
  await database.database.update(scoreboardTable).set({ advancedAt });
}

async function secondsSinceTick(): Promise<number | undefined> {
  const [row] = await database.database
    .select({ ago: sql<number>`extract(epoch from now() - ${scoreboardTable.advancedAt})::float` })
    .from(scoreboardTable);
  return row?.ago;
}

const advanceAll = async (): Promise<Scores[]> => {
  const results = await Promise.all([...boards, ...boards].map((board) => board.advance()));
  return results.filter((scores) => scores !== undefined);
};

describe('the scoreboard', () => {
  it('is moved on by one of those that try, once a second', async () => {
    const ticks: number[] = [];
    for (let turn = 0; turn < 5; turn += 1) {
      await wait(1);
      const moved = await advanceAll();
      ticks.push(...moved.map(({ tick }) => tick));
      await wait(-60);
      expect(await advanceAll()).toEqual([]);
    }
    expect(ticks).toEqual([1, 2, 3, 4, 5]);
    const [one, other] = await Promise.all(boards.map((board) => board.now()));
    expect(one).toEqual(other);
    expect(one?.matches[0]).toMatchObject({ phase: 'first-half', minute: 5 });
  });

  it('tells which matches are others now', async () => {
    await wait(1);
    const [moved] = await advanceAll();
    expect(moved?.matches.map(({ id, minute }) => [id, minute])).toEqual([['1', 1]]);
  });

  it('does not make up for the time in which nobody has looked', async () => {
    await wait(3_600);
    expect((await advanceAll()).map(({ tick }) => tick)).toEqual([1]);
    expect(await secondsSinceTick()).toBeLessThan(1_800);
  });

  it('keeps its pace whenever it is looked at', async () => {
    // A look that comes 0.4 s late makes the next tick no later.
    await wait(1.4);
    expect(await advanceAll()).toHaveLength(1);
    expect(await secondsSinceTick()).toBeGreaterThanOrEqual(0.4);
  });

  it('stays as it is when another node starts', async () => {
    await wait(1);
    await advanceAll();
    await new Scoreboard(database.database).onModuleInit();
    expect((await boards[0].now()).tick).toBe(1);
  });
});
