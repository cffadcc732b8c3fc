import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';

import { type Stores, empty, storesOf } from '../spec-support/stores.js';
import { openTestServerDatabase } from '../spec-support/test-server-database.js';
import type { TestDatabase } from '../spec-support/test-database.js';
import { EVERYBODY, type NotificationDraft } from './notification.js';
import type { NotificationEvents } from './notification-events.js';
import { notificationTable } from './notification.table.js';
import { RequestKeyReusedException } from './request-key-reused.exception.js';
import { UnknownRecipientException } from './unknown-recipient.exception.js';

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

const draft = (more: Partial<NotificationDraft> = {}): NotificationDraft => ({
  recipient: 'ada',
  title: 'Hello',
  body: 'World',
  level: 'info',
  sender: 'tim',
  ...more,
});
const kept = (): Promise<number> => test.database.$count(notificationTable);

describe('NotificationStore', () => {
  it('keeps a notification, and tells its recipient with the new counts', async () => {
    const notification = await stores.notifications.add(draft());
    expect(notification).toEqual({
      ...draft(),
      id: 1,
      createdAt: expect.stringMatching(/^\d{4}-.*Z$/),
      via: 'node A',
    });
    await stores.publisher.has(1);
    const inbox = { owner: 'ada', revision: 1, total: 1, read: 0 };
    expect(stores.publisher.events).toEqual([
      { channel: 'user/ada', type: 'notification.created', data: { notification, inbox } },
    ]);
  });

  it('tells everybody on the channel of announcements', async () => {
    await stores.notifications.add(draft({ recipient: EVERYBODY }));
    await stores.publisher.has(1);
    expect(stores.publisher.events[0]?.channel).toBe('announcements');
  });

  it('refuses all of a list where one recipient has no account', async () => {
    const { outbox, notifications, publisher } = stores;
    const list = [draft(), draft({ recipient: 'nobody' })];
    const added = outbox.transaction((tx) => notifications.addAll(tx, list));
    await expect(added).rejects.toThrow(UnknownRecipientException);
    await expect(added).rejects.toThrow('There is no user "nobody".');
    expect([await kept(), publisher.attempts]).toEqual([0, 0]);
  });

  it('returns those of a list in its order', async () => {
    const { outbox, notifications } = stores;
    const list = ['tim', EVERYBODY, 'ada', 'tim'].map((recipient, index) =>
      draft({ recipient, title: `Title ${index}` }),
    );
    const added = await outbox.transaction((tx) => notifications.addAll(tx, list));
    expect(added).toMatchObject(list.map((each) => ({ notification: each, isNew: true })));
  });

  it('makes those of a list that one recipient gets one change of its counts, and tells of each in their order', async () => {
    const { outbox, notifications, publisher } = stores;
    const earlier = await notifications.add(draft({ title: 'First', requestKey: 'first' }));
    const list = [
      draft({ title: 'Second', requestKey: 'second' }),
      draft({ title: 'First', requestKey: 'first' }),
      draft({ title: 'Third' }),
      draft({ title: 'Second', requestKey: 'second' }),
      draft({ title: 'Fourth' }),
    ];
    const added = await outbox.transaction((tx) => notifications.addAll(tx, list));
    expect(added.map(({ notification: { title }, isNew }) => [title, isNew])).toEqual([
      ['Second', true],
      ['First', false],
      ['Third', true],
      ['Second', false],
      ['Fourth', true],
    ]);
    expect(added[1]?.notification).toEqual(earlier);
    expect(added[3]?.notification).toEqual(added[0]?.notification);
    await publisher.has(4);
    const [, ...told] = publisher.events.map(
      ({ data }) => data as NotificationEvents['notification.created'],
    );
    expect(told.map(({ notification }) => notification.title)).toEqual(['Second', 'Third', 'Fourth']);
    const inbox = { owner: 'ada', revision: expect.any(Number), total: 4, read: 0 };
    expect(told.map((event) => event.inbox)).toEqual([inbox, inbox, inbox]);
    expect(new Set(told.map((event) => event.inbox.revision)).size).toBe(1);
    expect(await kept()).toBe(4);
  });

  it('asks the database for a long list to one recipient no more often than for a short one', async () => {
    const { outbox, notifications } = stores;
    const list = Array.from({ length: 50 }, (_, index) => draft({ requestKey: `line ${index}` }));
    const queries = async (drafts: readonly NotificationDraft[]): Promise<number> =>
      outbox.transaction(async (tx) => {
        const [inserts, selects] = [jest.spyOn(tx, 'insert'), jest.spyOn(tx, 'select')];
        await notifications.addAll(tx, drafts);
        return inserts.mock.calls.length + selects.mock.calls.length;
      });
    expect(await queries(list)).toBe(await queries([draft()]));
  });

  it('counts what was stored, once it is', async () => {
    const { outbox, notifications, metrics } = stores;
    const counted = jest.spyOn(metrics, 'count');
    await notifications.add(draft({ requestKey: 'one' }));
    await notifications.add(draft({ requestKey: 'one' }));
    await outbox.transaction((tx) => notifications.addAll(tx, [draft()]));
    expect(counted.mock.calls.flatMap(([added]) => added.map(({ isNew }) => isNew))).toEqual([true, false]);
  });

  it('lets lists of the same recipients in another order not wait for one another for ever', async () => {
    const { outbox, notifications } = stores;
    const recipients = ['ada', 'grace', 'linus', EVERYBODY];
    const lists = Array.from({ length: 20 }, (_, turn) =>
      recipients.map((_recipient, at) => draft({ recipient: recipients[(at + turn) % 4] as string })),
    );
    await Promise.all(lists.map((list) => outbox.transaction((tx) => notifications.addAll(tx, list))));
    expect(await kept()).toBe(80);
  });
});

describe('a notification with a request key', () => {
  it('is kept once, however often and however fast it is sent', async () => {
    const { notifications, publisher } = stores;
    const again = (): Promise<{ id: number }> => notifications.add(draft({ requestKey: 'one' }));
    const sent = await Promise.all(Array.from({ length: 8 }, again));
    sent.push(await again());
    expect(new Set(sent.map(({ id }) => id)).size).toBe(1);
    expect(await kept()).toBe(1);
    await notifications.add(draft({ requestKey: 'two' }));
    await publisher.has(2);
    expect(publisher.attempts).toBe(2);
  });

  it('is the sender’s own', async () => {
    await stores.notifications.add(draft({ requestKey: 'one' }));
    await stores.notifications.add(draft({ requestKey: 'one', sender: 'grace' }));
    expect(await kept()).toBe(2);
  });

  it.each<Partial<NotificationDraft>>([
    { recipient: 'grace' },
    { title: 'Other' },
    { body: 'Other' },
    { level: 'error' },
  ])('is refused where the key is another’s: %o', async (difference) => {
    await stores.notifications.add(draft({ requestKey: 'one' }));
    const other = stores.notifications.add(draft({ requestKey: 'one', ...difference }));
    await expect(other).rejects.toThrow(RequestKeyReusedException);
    expect(await kept()).toBe(1);
  });

  it('is refused where another recipient is told with it at the same time', async () => {
    const { notifications } = stores;
    const sent = await Promise.allSettled(
      ['ada', 'grace', 'linus'].map((recipient) =>
        notifications.add(draft({ recipient, requestKey: 'one' })),
      ),
    );
    const refused = sent.filter((result) => result.status === 'rejected');
    expect(refused.map(({ reason }) => reason.constructor)).toEqual([
      RequestKeyReusedException,
      RequestKeyReusedException,
    ]);
    expect(await kept()).toBe(1);
  });
});
