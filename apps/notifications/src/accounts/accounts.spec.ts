import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eq } from 'drizzle-orm';

import { DEMO_PASSWORD } from '../spec-support/sample-template.js';
import { openTestDatabase, START_MS, type TestDatabase } from '../spec-support/test-database.js';
import { Accounts } from './accounts.js';
import { accountTable } from './account.table.js';

let test: TestDatabase;
let accounts: Accounts;

beforeAll(async () => {
  test = await openTestDatabase();
  accounts = new Accounts(test.database);
}, START_MS);
afterAll(() => test.end());

const grace = { id: 'grace', name: 'Grace Hopper', role: 'member', sessionEpoch: 0 };

/** Milliseconds of the fastest of some attempts: whatever else the machine does can only add to it. */
async function fastest(id: string): Promise<number> {
  const times: number[] = [];
  for (let attempt = 0; attempt < 5; attempt += 1) {
    const began = performance.now();
    await accounts.authenticate(id, 'wrong');
    times.push(performance.now() - began);
  }
  return Math.min(...times);
}

describe('Accounts', () => {
  it('finds an account, without its password', async () => {
    expect(await accounts.find('grace')).toEqual(grace);
    expect(await accounts.find('Grace')).toBeUndefined();
    expect(await accounts.find("grace' or ''='")).toBeUndefined();
  });

  it('tells whose password it is', async () => {
    expect(await accounts.authenticate('grace', DEMO_PASSWORD)).toEqual(grace);
    for (const [id, password] of [
      ['grace', `${DEMO_PASSWORD} `],
      ['grace', DEMO_PASSWORD.toUpperCase()],
      ['grace', ''],
      ['nobody', DEMO_PASSWORD],
      // The password that an account that isn't there is compared with.
      ['nobody', 'decoy'],
    ] as const) {
      expect(await accounts.authenticate(id, password)).toBeUndefined();
    }
  });

  it('works as hard where there is no account', async () => {
    const [wrong, unknown] = [await fastest('grace'), await fastest('nobody')];
    // Without a hash to verify it is a hundredth.
    expect(unknown / wrong).toBeGreaterThan(0.3);
  });

  it('keeps Argon2id hashes, each with a salt of its own', async () => {
    const { hashOf } = await import('./password-hash.js');
    const [one, other] = [await hashOf('same'), await hashOf('same')];
    expect(one).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(one).not.toBe(other);
  });

  it('knows which ids have an account', async () => {
    expect(await accounts.known(['ada', 'nobody', '*', 'tim'])).toEqual(new Set(['ada', 'tim']));
    expect(await accounts.known([])).toEqual(new Set());
  });

  it('lists all, by id and without what is nobody’s business', async () => {
    const all = await accounts.all();
    expect(all.map(({ id }) => id)).toEqual(['ada', 'barbara', 'grace', 'linus', 'margaret', 'tim']);
    expect(all[0]).toEqual({ id: 'ada', name: 'Ada Lovelace', role: 'admin' });
  });

  it('ends sessions of one account, each time anew', async () => {
    await Promise.all([accounts.endSessions('tim'), accounts.endSessions('tim')]);
    expect(await accounts.find('tim')).toMatchObject({ sessionEpoch: 2 });
    expect(await accounts.find('grace')).toMatchObject({ sessionEpoch: 0 });
  });

  it('has at most the roles that there are', async () => {
    const { database } = test;
    await database.update(accountTable).set({ role: 'admin' }).where(eq(accountTable.id, 'linus'));
    expect(await accounts.find('linus')).toMatchObject({ role: 'admin' });
  });
});
