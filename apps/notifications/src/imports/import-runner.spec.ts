import { setImmediate as turn } from 'node:timers/promises';

import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { SseModule } from '@nestcast/sse';
import { type INestApplicationContext, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { eq, sql } from 'drizzle-orm';

import { Accounts } from '../accounts/accounts.js';
import { Database } from '../database/database.js';
import { NotificationMetrics } from '../notifications/notification-metrics.js';
import { NotificationStore } from '../notifications/notification-store.js';
import { Outbox } from '../outbox/outbox.js';
import { ServingNode } from '../serving-node/serving-node.js';
import { storesOf } from '../spec-support/stores.js';
import { type TestDatabase, openTestDatabase } from '../spec-support/test-database.js';
import { ImportBatches } from './import-batches.js';
import { ImportClaims } from './import-claims.js';
import { ImportFeed } from './import-feed.js';
import { ImportFile } from './import-file.js';
import { ImportRunner } from './import-runner.js';
import { ImportStore } from './import-store.js';
import { importTable } from './import.table.js';

jest.setTimeout(60_000);

let test: TestDatabase;
let imports: ImportStore;
beforeAll(async () => {
  test = await openTestDatabase();
  imports = new ImportStore(test.database);
});
afterAll(() => test.end());

async function created(): Promise<string> {
  return imports.create('ada', 'a.csv', await ImportFile.of(Buffer.from('recipient,title\nada,Hello\n')));
}

/** A process that works on imports. */
function start(name: string | undefined): Promise<INestApplicationContext> {
  const { outbox, notifications, metrics } = storesOf(test.database);
  @Module({
    imports: [SseModule.forRoot()],
    providers: [
      ImportBatches,
      ImportClaims,
      ImportFeed,
      ImportRunner,
      { provide: Accounts, useValue: new Accounts(test.database) },
      { provide: Database, useValue: test.database },
      { provide: NotificationMetrics, useValue: metrics },
      { provide: NotificationStore, useValue: notifications },
      { provide: Outbox, useValue: outbox },
      { provide: ServingNode, useValue: new ServingNode(name) },
    ],
  })
  class ImportingNode {}
  return NestFactory.createApplicationContext(ImportingNode, { logger: false });
}

async function stateOf(id: string): Promise<string | undefined> {
  return (await imports.find('ada', id))?.state;
}

/** Resolves when it has been sent, and that has been told. */
async function ended(id: string): Promise<void> {
  while ((await imports.find('ada', id))?.finishedAt === null) {
    await turn();
  }
}

describe('ImportRunner', () => {
  it.each([
    { nodes: 'the only node', name: undefined, state: 'completed' },
    { nodes: 'one of several', name: 'node A', state: 'running' },
  ])('after a start of $nodes leaves an import that is claimed $state', async ({ name, state }) => {
    const claimed = await created();
    await new ImportClaims(test.database).take(1, []);
    // Its claim will not become stale while this runs.
    await test.database
      .update(importTable)
      .set({ claimedAt: sql`now() + interval '1 hour'` })
      .where(eq(importTable.id, claimed));
    // Imports are taken in their order: when this one has ended, the other one has been looked at.
    const free = await created();
    const node = await start(name);
    await ended(free);
    await node.close();
    expect([await stateOf(claimed), await stateOf(free)]).toEqual([state, 'completed']);
  });
});
