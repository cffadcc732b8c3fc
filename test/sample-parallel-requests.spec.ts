import { afterAll, beforeAll, expect, it } from '@jest/globals';

import {
  AnswerStore,
  MOST_RUNNING as MOST_ANSWERS,
} from '../apps/notifications/src/assistant/answer-store.js';
import type { Database } from '../apps/notifications/src/database/database.js';
import { ImportFile } from '../apps/notifications/src/imports/import-file.js';
import { ImportStore, MOST_RUNNING as MOST_IMPORTS } from '../apps/notifications/src/imports/import-store.js';
import type { TestDatabase } from '../apps/notifications/src/spec-support/test-database.js';
import { openTestServerDatabase } from '../apps/notifications/src/spec-support/test-server-database.js';

const AT_ONCE = 8;

let test: TestDatabase;
beforeAll(async () => {
  test = await openTestServerDatabase();
}, 60_000);
afterAll(() => test.end());

type Begin = (database: Database, userId: string) => Promise<unknown>;

const ask: Begin = (database, userId) =>
  new AnswerStore(database).begin({ userId, prompt: 'Why?', model: 'small', claimedBy: userId });
const upload: Begin = async (database, userId) =>
  new ImportStore(database).create(
    userId,
    'some.csv',
    await ImportFile.of(Buffer.from('recipient,title\nada,Hi\n')),
  );

// The embedded database runs one transaction after the other anyway.
it.each([
  { what: 'questions', begin: ask, most: MOST_ANSWERS },
  { what: 'imports', begin: upload, most: MOST_IMPORTS },
])(
  'begins no more $what of one user than may run, however many are sent at once',
  async ({ begin, most }) => {
    const begun = async (userId: string): Promise<number> => {
      const tries = Array.from({ length: AT_ONCE }, () => begin(test.database, userId));
      const results = await Promise.allSettled(tries);
      return results.filter((result) => result.status === 'fulfilled' && result.value !== undefined).length;
    };
    expect(await Promise.all(['ada', 'grace'].map(begun))).toEqual([most, most]);
  },
);
