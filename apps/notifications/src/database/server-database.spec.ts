import { setImmediate as turn } from 'node:timers/promises';
import { FaultProxy, PostgresServer } from '@nestcast/test-servers';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';

import { accountTable } from '../accounts/account.table.js';
import type { DatabaseConnection } from './database-connection.js';
import { isDatabaseUnavailable } from './database-unavailable.js';
import { openServerDatabase } from './server-database.js';

const SERVER_MS = 120_000;
const POOL_SIZE = 10;
let server: PostgresServer;
let proxy: FaultProxy;
let opened: DatabaseConnection[] = [];
let databases = 0;

beforeAll(async () => {
  Logger.overrideLogger(false);
  server = await PostgresServer.start({ config: { fsync: 'off' } });
}, SERVER_MS);
afterAll(() => server.stop(), SERVER_MS);

beforeEach(async () => {
  proxy = await FaultProxy.start(server.port);
});
afterEach(async () => {
  await proxy.close();
  await Promise.all(opened.map((connection) => connection.close()));
  opened = [];
});

async function newDatabase(): Promise<string> {
  databases += 1;
  const url = new URL(await server.createDatabase(`sample ${databases}`));
  url.port = String(proxy.port);
  return url.href;
}

async function open(url: string): Promise<DatabaseConnection> {
  const connection = await openServerDatabase(url);
  opened.push(connection);
  return connection;
}

/** Resolves when what has been written in this process has been read in it. */
async function turns(): Promise<void> {
  for (let count = 0; count < 100; count += 1) {
    await turn();
  }
}

/** What it returns resolves once it has been called by as many as there are connections, each of which has one then. */
function meeting(): () => Promise<void> {
  let missing = POOL_SIZE;
  let complete: (() => void) | undefined;
  const met = new Promise<void>((resolve) => {
    complete = resolve;
  });
  return () => {
    missing -= 1;
    if (missing === 0) {
      complete?.();
    }
    return met;
  };
}

const all = (what: string): string[] => Array.from({ length: POOL_SIZE }, () => what);

describe('openServerDatabase', () => {
  it('makes the tables once, for nodes that start together', async () => {
    const url = await newDatabase();
    const nodes = await Promise.all(Array.from({ length: 4 }, () => open(url)));
    for (const { database } of nodes) {
      expect(await database.select().from(accountTable)).toEqual([]);
    }
    const made = 'select count(*) = count(distinct hash) and count(*) > 0 from drizzle.__drizzle_migrations';
    expect(await server.query(made, decodeURIComponent(new URL(url).pathname.slice(1)))).toBe('t');
  });

  it.each(['when they begin', 'in the middle, with no query under way'])(
    'goes on after as many transactions as there are connections have lost theirs %s',
    async (when) => {
      const { database } = await open(await newDatabase());
      const transactions = async (work: () => Promise<unknown>): Promise<('done' | 'unavailable')[]> => {
        const begun = Array.from({ length: POOL_SIZE }, () => database.transaction(work));
        const results = await Promise.allSettled(begun);
        return results.map((result) => {
          if (result.status === 'rejected' && !isDatabaseUnavailable(result.reason)) {
            throw result.reason;
          }
          return result.status === 'rejected' ? 'unavailable' : 'done';
        });
      };
      expect(await transactions(meeting())).toEqual(all('done'));
      if (when === 'when they begin') {
        proxy.blackhole();
        const begun = transactions(() => Promise.resolve());
        await turns();
        proxy.restore();
        expect(await begun).toEqual(all('unavailable'));
      } else {
        const together = meeting();
        const cut = async (): Promise<void> => {
          await together();
          proxy.cut();
          await turns();
        };
        expect(await transactions(cut)).toEqual(all('unavailable'));
      }
      expect(await transactions(meeting())).toEqual(all('done'));
    },
    30_000,
  );
});
