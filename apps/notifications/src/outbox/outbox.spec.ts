import { setImmediate as turn } from 'node:timers/promises';

import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';

import { RecordingPublisher } from '../spec-support/recording-publisher.js';
import { type TestDatabase, openTestDatabase } from '../spec-support/test-database.js';
import { accountTable } from '../accounts/account.table.js';
import { Outbox } from './outbox.js';
import { OutboxBatches } from './outbox-batches.js';
import { OutboxMetrics } from './outbox-metrics.js';
import { OutboxRelay } from './outbox-relay.js';
import { outboxTable } from './outbox.table.js';

let test: TestDatabase;
let publisher: RecordingPublisher;
let relay: OutboxRelay;
let outbox: Outbox;

beforeAll(async () => {
  test = await openTestDatabase();
}, 30_000);

afterAll(() => test.end());

beforeEach(async () => {
  await test.database.delete(outboxTable);
  publisher = new RecordingPublisher();
  relay = relayTo(publisher);
  outbox = new Outbox(test.database, relay);
});

function relayTo(target: RecordingPublisher): OutboxRelay {
  const { database } = test;
  return new OutboxRelay(database, new OutboxBatches(database, target, new OutboxMetrics(database)));
}

const account = (id: string) => ({ id, name: id, passwordHash: '' });
const accounts = (): Promise<number> => test.database.$count(accountTable);

describe('Outbox', () => {
  it('tells what a transaction has added as soon as it is committed, and not before', async () => {
    const result = await outbox.transaction(async (tx) => {
      await outbox.add(tx, 'user/ada', { type: 'one', data: { text: '“1”\n', at: null } });
      await outbox.add(tx, 'announcements', { type: 'two', data: [2] });
      expect(publisher.attempts).toBe(0);
      return 'done';
    });
    expect(result).toBe('done');
    await publisher.has(2);
    expect(publisher.events).toEqual([
      { channel: 'user/ada', type: 'one', data: { text: '“1”\n', at: null } },
      { channel: 'announcements', type: 'two', data: [2] },
    ]);
  });

  it('changes nothing and tells nothing when the transaction fails', async () => {
    const before = await accounts();
    const work = outbox.transaction(async (tx) => {
      await tx.insert(accountTable).values(account('new'));
      await outbox.add(tx, 'user/new', { type: 'made', data: {} });
      throw new Error('Something is wrong.');
    });
    await expect(work).rejects.toThrow('Something is wrong.');
    await relay.wake();
    expect(await accounts()).toBe(before);
    expect(publisher.attempts).toBe(0);
  });

  it('changes nothing where the event can’t be kept', async () => {
    const before = await accounts();
    const work = outbox.transaction(async (tx) => {
      await tx.insert(accountTable).values(account('new'));
      await outbox.add(tx, 'user/new', { type: 'made', data: { text: '\0' } });
    });
    await expect(work).rejects.toThrow();
    expect(await accounts()).toBe(before);
  });

  it('is told by the next start, or by another node, where the process dies before it is published', async () => {
    // What is left of a process that dies after the commit: nobody is woken.
    await relay.onApplicationShutdown();
    await outbox.transaction((tx) => outbox.add(tx, 'user/ada', { type: 'told', data: { number: 1 } }));
    const next = new RecordingPublisher();
    await relayTo(next).wake();
    expect(publisher.attempts).toBe(0);
    expect(next.events).toEqual([{ channel: 'user/ada', type: 'told', data: { number: 1 } }]);
  });

  it('lets the process do other things while much is waiting', async () => {
    // The embedded database works in this very thread, and answers before anything else gets its turn.
    const rows = Array.from({ length: 1_000 }, () => ({ channel: 'user/ada', type: 'told', data: {} }));
    await test.database.insert(outboxTable).values(rows);
    const published = relay.wake();
    const seen = new Set<number>();
    while (publisher.events.length < rows.length) {
      await turn();
      seen.add(publisher.events.length);
    }
    await published;
    // A turn after each batch.
    expect(seen.size).toBeGreaterThanOrEqual(5);
  });
});
