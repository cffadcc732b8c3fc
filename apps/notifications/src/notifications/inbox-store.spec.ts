import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { asc, eq, sql } from 'drizzle-orm';
import * as fc from 'fast-check';

import { outboxTable } from '../outbox/outbox.table.js';
import { type Stores, empty, storesOf } from '../spec-support/stores.js';
import { openTestServerDatabase } from '../spec-support/test-server-database.js';
import type { TestDatabase } from '../spec-support/test-database.js';
import type { Inbox } from './inbox.js';
import { inboxTable } from './inbox.table.js';
import { EVERYBODY } from './notification.js';
import { notificationTable, readTable } from './notification.table.js';

const USERS = ['ada', 'grace', 'linus'] as const;

let test: TestDatabase;
let stores: Stores;

beforeAll(async () => {
  test = await openTestServerDatabase();
}, 30_000);

afterAll(() => test.end());

beforeEach(async () => {
  await empty(test.database);
  stores = storesOf(test.database);
});

async function send(owner: string, title = 'Hello'): Promise<number> {
  const said = { title, body: '', level: 'info', sender: 'tim' } as const;
  return (await stores.notifications.add({ recipient: owner, ...said })).id;
}

const unreadOf = async (userId: string): Promise<number> => {
  const { inboxes } = await stores.inboxes.page(userId, 1);
  return inboxes.own.total + inboxes.everybody.total - inboxes.own.read;
};

/** What a count over the tables gives. */
async function counted(): Promise<Omit<Inbox, 'revision'>[]> {
  const { database } = test;
  const counts = [EVERYBODY, ...USERS].map(async (owner) => ({
    owner,
    total: await database.$count(notificationTable, eq(notificationTable.recipient, owner)),
    read: await database.$count(readTable, eq(readTable.userId, owner)),
  }));
  return (await Promise.all(counts)).filter(({ total, read }) => total + read > 0);
}

async function told(type: string): Promise<{ ids: number[]; inbox: Inbox }[]> {
  const rows = await test.database
    .select({ data: outboxTable.data })
    .from(outboxTable)
    .where(eq(outboxTable.type, type))
    .orderBy(asc(outboxTable.id));
  return rows.map(({ data }) => data as { ids: number[]; inbox: Inbox });
}

describe('InboxStore.page()', () => {
  it('gives the user’s own and everybody’s, newest first, page by page', async () => {
    const own = await send('ada');
    await send('grace');
    const all = await send(EVERYBODY);
    const last = await send('ada');
    const first = await stores.inboxes.page('ada', 2);
    expect(first.items.map(({ id }) => id)).toEqual([last, all]);
    expect(first.next).toBe(all);
    // What comes meanwhile moves nothing.
    await send('ada');
    const second = await stores.inboxes.page('ada', 2, all);
    expect(second.items).toEqual([
      {
        id: own,
        recipient: 'ada',
        title: 'Hello',
        body: '',
        level: 'info',
        sender: 'tim',
        createdAt: expect.stringMatching(/^\d{4}-.*Z$/),
        via: 'node A',
        read: false,
      },
    ]);
    expect(second.next).toBeNull();
  });

  it('gives nothing where there is nothing', async () => {
    const none = { revision: 0, total: 0, read: 0 };
    expect(await stores.inboxes.page('ada', 10)).toEqual({
      items: [],
      next: null,
      inboxes: { own: { owner: 'ada', ...none }, everybody: { owner: EVERYBODY, ...none } },
    });
  });

  it('gives counts of the same moment as its notifications', async () => {
    const sending = Promise.all(Array.from({ length: 20 }, () => send('ada')));
    for (let look = 0; look < 10; look += 1) {
      const { items, inboxes } = await stores.inboxes.page('ada', 100);
      expect(inboxes.own.total).toBe(items.length);
    }
    await sending;
  });
});

describe('InboxStore.markRead()', () => {
  it('marks the user’s own and everybody’s, once, and tells what it has marked', async () => {
    const [own, all, other] = [await send('ada'), await send(EVERYBODY), await send('grace')];
    const marked = await stores.inboxes.markRead('ada', { ids: [all, own, other, own, 4_711] });
    expect(marked).toEqual({
      ids: [own, all],
      inbox: { owner: 'ada', revision: expect.any(Number), total: 1, read: 2 },
    });
    expect(await told('notification.read')).toEqual([marked]);
    const again = await stores.inboxes.markRead('ada', { ids: [own, all] });
    expect(again.ids).toEqual([]);
    expect(again.inbox).toMatchObject({ total: 1, read: 2 });
    expect(await told('notification.read')).toHaveLength(1);
    expect([await unreadOf('ada'), await unreadOf('grace')]).toEqual([0, 2]);
    expect((await stores.inboxes.page('grace', 9)).items.map(({ read }) => read)).toEqual([false, false]);
  });

  it('counts once what several devices mark at the same time', async () => {
    const ids = await Promise.all([send('ada'), send(EVERYBODY), send('ada')]);
    const marked = await Promise.all(
      Array.from({ length: 8 }, () => stores.inboxes.markRead('ada', { ids })),
    );
    expect(marked.map((device) => device.ids.length).toSorted((a, b) => b - a)).toEqual([
      3, 0, 0, 0, 0, 0, 0, 0,
    ]);
    expect(await told('notification.read')).toHaveLength(1);
    expect(await unreadOf('ada')).toBe(0);
  });

  it('marks all up to one', async () => {
    const ids = [await send('ada'), await send('grace'), await send(EVERYBODY), await send('ada')];
    const { ids: marked } = await stores.inboxes.markRead('ada', { upTo: ids[2] as number });
    expect(marked).toEqual([ids[0], ids[2]]);
    expect(await unreadOf('ada')).toBe(1);
  });

  it('marks more than a statement can have parameters, and tells of them in parts', async () => {
    const count = 40_000;
    const row = sql`'ada', 'Hello', '', 'info', 'tim'`;
    await test.database.execute(
      sql`insert into ${notificationTable} (recipient, title, body, level, sender) select ${row} from generate_series(1, ${count})`,
    );
    await test.database.insert(inboxTable).values({ owner: 'ada', revision: 1, total: count, read: 0 });
    const { ids, inbox } = await stores.inboxes.markRead('ada', { upTo: count });
    expect([ids.length, inbox.read]).toEqual([count, count]);
    const events = await told('notification.read');
    expect(events.flatMap((event) => event.ids)).toEqual(ids);
    expect(Math.max(...events.map((event) => event.ids.length))).toBe(1_000);
  }, 30_000);
});

const recipient = fc.constantFrom(EVERYBODY, ...USERS);
const user = fc.constantFrom(...USERS);
const id = fc.integer({ min: 1, max: 30 });
const operation = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('send' as const), to: fc.array(recipient, { minLength: 1 }) }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('fail' as const), to: recipient }) },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('read' as const), user, ids: fc.array(id, { minLength: 1 }) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('readUpTo' as const), user, id }) },
);
type Operation = typeof operation extends fc.Arbitrary<infer T> ? T : never;

async function run(what: Operation): Promise<unknown> {
  const { notifications, inboxes, outbox } = stores;
  const draft = { title: 'Hello', body: '', level: 'info', sender: 'tim' } as const;
  switch (what.do) {
    case 'send':
      return outbox.transaction((tx) =>
        notifications.addAll(
          tx,
          what.to.map((owner) => ({ ...draft, recipient: owner })),
        ),
      );
    case 'fail': {
      const work = outbox.transaction(async (tx) => {
        await notifications.addAll(tx, [{ ...draft, recipient: what.to }]);
        throw new Error('It is taken back.');
      });
      return expect(work).rejects.toThrow('It is taken back.');
    }
    case 'read':
      return inboxes.markRead(what.user, { ids: what.ids });
    case 'readUpTo':
      return inboxes.markRead(what.user, { upTo: what.id });
  }
}

describe('an inbox', () => {
  it('has the counts that the tables have, whatever several users do at the same time', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(operation, { minLength: 10, maxLength: 30 }), async (operations) => {
        await empty(test.database);
        await run({ do: 'send', to: [...USERS, EVERYBODY, ...USERS, EVERYBODY] });
        await Promise.all(operations.map(run));
        const inboxes = await test.database.select().from(inboxTable).orderBy(asc(inboxTable.owner));
        const changed = inboxes.filter(({ total, read }) => total + read > 0);
        expect(changed.map(({ owner, total, read }) => ({ owner, total, read }))).toEqual(await counted());
        for (const userId of USERS) {
          const { items } = await stores.inboxes.page(userId, 1_000);
          expect(await unreadOf(userId)).toBe(items.filter(({ read }) => !read).length);
        }
        // What is told of an owner has its revisions in order, the last with its counts.
        const events = [...(await told('notification.created')), ...(await told('notification.read'))];
        for (const inbox of changed) {
          const latest = events.map((event) => event.inbox).filter((other) => other.owner === inbox.owner);
          const revisions = latest.map(({ revision }) => revision).toSorted((a, b) => a - b);
          // Those of one transaction tell the same counts.
          expect(new Set(latest.map((each) => JSON.stringify(each))).size).toBe(new Set(revisions).size);
          expect(latest.find(({ revision }) => revision === revisions.at(-1))).toMatchObject({
            total: inbox.total,
            read: inbox.read,
          });
        }
      }),
      { numRuns: 6 },
    );
  }, 60_000);
});
