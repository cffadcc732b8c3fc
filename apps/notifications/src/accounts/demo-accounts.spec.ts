import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';

import { openTestDatabase, START_MS, type TestDatabase } from '../spec-support/test-database.js';
import { accountTable } from './account.table.js';
import { Accounts } from './accounts.js';
import { DemoAccounts } from './demo-accounts.js';

let test: TestDatabase;
let accounts: Accounts;

beforeAll(async () => {
  test = await openTestDatabase();
  accounts = new Accounts(test.database);
}, START_MS);
afterAll(() => test.end());

beforeEach(async () => {
  await test.database.delete(accountTable);
});

const begin = (password: string | undefined): Promise<void> =>
  new DemoAccounts(test.database, password).onModuleInit();

describe('DemoAccounts', () => {
  it('fills an empty database, one of them an administrator', async () => {
    await begin('s3cret');
    const all = await accounts.all();
    expect(all.map(({ id, role }) => `${id} ${role}`)).toEqual([
      'ada admin',
      'barbara member',
      'grace member',
      'linus member',
      'margaret member',
      'tim member',
    ]);
    expect(await accounts.authenticate('tim', 's3cret')).toBeDefined();
  });

  it('makes none without a password, and says how one gets some', async () => {
    const warn = jest.spyOn(Logger.prototype, 'warn').mockImplementation(() => undefined);
    await begin(undefined);
    expect(await accounts.all()).toEqual([]);
    expect(warn.mock.calls).toEqual([[expect.stringContaining('DEMO_PASSWORD makes some')]]);
    warn.mockRestore();
    expect(new DemoAccounts(test.database, undefined).accounts).toEqual([]);
  });

  it('leaves a database alone that has an account, whatever its password', async () => {
    const own = { id: 'own', name: 'Own', role: 'admin', passwordHash: 'x' } as const;
    await test.database.insert(accountTable).values(own);
    await begin('s3cret');
    expect(await accounts.all()).toEqual([{ id: 'own', name: 'Own', role: 'admin' }]);
  });

  it('are made once by nodes that start together', async () => {
    await Promise.all([begin('s3cret'), begin('s3cret')]);
    expect(await accounts.all()).toHaveLength(6);
    expect(await accounts.authenticate('ada', 's3cret')).toBeDefined();
  });
});
