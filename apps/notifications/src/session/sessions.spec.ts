import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eq } from 'drizzle-orm';
import type { Request } from 'express';

import { accountTable } from '../accounts/account.table.js';
import { Accounts } from '../accounts/accounts.js';
import { DEMO_PASSWORD } from '../spec-support/sample-template.js';
import { openTestDatabase, START_MS, type TestDatabase } from '../spec-support/test-database.js';
import { SESSION_MS } from './session.js';
import { Sessions } from './sessions.js';

let test: TestDatabase;
let accounts: Accounts;
let sessions: Sessions;

beforeAll(async () => {
  test = await openTestDatabase();
  accounts = new Accounts(test.database);
  sessions = new Sessions(accounts);
}, START_MS);
afterAll(() => test.end());

/** With what its signed cookie says, if it has one. */
const requestWith = (session?: object): Request => ({ session }) as unknown as Request;

/** Of Grace, begun so long ago; milliseconds. */
const aged = (ageMs: number): Request =>
  requestWith({ userId: 'grace', epoch: 0, since: Date.now() - ageMs });

async function signIn(id: string): Promise<Request> {
  const request = requestWith();
  expect(await sessions.begin(request, id, DEMO_PASSWORD)).toMatchObject({ id });
  return request;
}

describe('Sessions', () => {
  it('begin with the right password, and are of who has it', async () => {
    const request = await signIn('grace');
    expect(await sessions.userOf(request)).toEqual({
      id: 'grace',
      name: 'Grace Hopper',
      role: 'member',
      session: { userId: 'grace', epoch: 0, since: expect.any(Number) },
    });
  });

  it('leave the session of before as it is when the password is wrong', async () => {
    const request = await signIn('grace');
    expect(await sessions.begin(request, 'ada', 'wrong')).toBeUndefined();
    expect(await sessions.userOf(request)).toMatchObject({ id: 'grace' });
  });

  it('are of nobody without a cookie', async () => {
    expect(await sessions.userOf(requestWith())).toBeUndefined();
    expect(await sessions.userOf(requestWith({}))).toBeUndefined();
  });

  it('end after a week', async () => {
    expect(await sessions.userOf(aged(SESSION_MS - 60_000))).toMatchObject({ id: 'grace' });
    expect(await sessions.userOf(aged(SESSION_MS))).toBeUndefined();
  });

  it('end with all others of the account', async () => {
    const [laptop, phone] = [await signIn('barbara'), await signIn('barbara')];
    await accounts.endSessions('barbara');
    expect(await sessions.userOf(laptop)).toBeUndefined();
    expect(await sessions.userOf(phone)).toBeUndefined();
    expect(await sessions.userOf(await signIn('barbara'))).toMatchObject({ id: 'barbara' });
  });

  it('have the role that the account has now', async () => {
    const request = await signIn('linus');
    await test.database.update(accountTable).set({ role: 'admin' }).where(eq(accountTable.id, 'linus'));
    expect(await sessions.userOf(request)).toMatchObject({ role: 'admin' });
  });

  it('end with the account', async () => {
    const request = await signIn('tim');
    await test.database.delete(accountTable).where(eq(accountTable.id, 'tim'));
    expect(await sessions.userOf(request)).toBeUndefined();
  });
});
