import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { eq, sql } from 'drizzle-orm';

import { type TestDatabase, openTestDatabase } from '../spec-support/test-database.js';
import { ImportClaims } from './import-claims.js';
import { ImportFile } from './import-file.js';
import { ImportStore } from './import-store.js';
import { importTable } from './import.table.js';

let test: TestDatabase;
let store: ImportStore;
/** Of two processes. */
let [one, other]: ImportClaims[] = [];

beforeAll(async () => {
  test = await openTestDatabase();
  store = new ImportStore(test.database);
}, 60_000);
afterAll(() => test.end());
beforeEach(async () => {
  await test.database.delete(importTable);
  one = new ImportClaims(test.database);
  other = new ImportClaims(test.database);
});

async function created(userId = 'ada'): Promise<string> {
  return store.create(userId, 'a.csv', await ImportFile.of(Buffer.from('recipient,title\nada,Hello\n')));
}

async function taken(claims: ImportClaims | undefined, except: readonly string[] = []): Promise<string[]> {
  return ((await claims?.take(10, except)) ?? []).map(({ id }) => id);
}

/** As if whoever has it had said nothing for a while. */
const leave = (id: string) =>
  test.database
    .update(importTable)
    .set({ claimedAt: sql`now() - interval '6 seconds'` })
    .where(eq(importTable.id, id));

const held = (claims: ImportClaims | undefined, id: string) =>
  test.database.transaction(async (tx) => claims?.hold(tx, id));

describe('ImportClaims', () => {
  it('gives each import to one process, the oldest first', async () => {
    const ids = [await created(), await created('grace')];
    expect(await one?.take(1, [])).toEqual([expect.objectContaining({ id: ids[0], position: 0 })]);
    expect(await taken(other)).toEqual([ids[1]]);
    expect([await taken(one), await taken(other)]).toEqual([[], []]);
  });

  it('gives what a process has left to another, and takes it from one that was only slow', async () => {
    const id = await created();
    expect(await taken(one)).toEqual([id]);
    expect(await held(one, id)).toMatchObject({ id });
    await leave(id);
    expect(await taken(one, [id])).toEqual([]);
    expect(await taken(other)).toEqual([id]);
    expect([await held(one, id), await held(other, id)]).toEqual([
      undefined,
      expect.objectContaining({ id }),
    ]);
    await one?.release(id);
    await one?.fail(id);
    await one?.finish(id);
    expect(await store.find('ada', id)).toMatchObject({ state: 'running', finishedAt: null });
    expect(await taken(one)).toEqual([]);
  });

  it('gives what a process has let go to the next at once', async () => {
    const id = await created();
    await taken(one);
    await one?.release(id);
    expect(await taken(other)).toEqual([id]);
  });

  it('keeps one that is over until its end has been told', async () => {
    const id = await created();
    await store.cancel('grace', id);
    expect(await store.find('ada', id)).toMatchObject({ state: 'running' });
    await store.cancel('ada', id);
    expect(await store.find('ada', id)).toMatchObject({ state: 'cancelled', finishedAt: null });
    expect(await taken(one)).toEqual([id]);
    await one?.finish(id);
    expect(await store.find('ada', id)).toMatchObject({ finishedAt: expect.any(String) });
    expect(await taken(other)).toEqual([]);
    const [row] = await test.database.select().from(importTable);
    expect(row).toMatchObject({ csv: '', claimedBy: null });
  });
});
