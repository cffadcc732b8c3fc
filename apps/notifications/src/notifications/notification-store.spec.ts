import { describe, expect, it } from '@jest/globals';

import { NotificationStore } from './notification-store.js';

const draft = (userId: string, title: string) =>
  ({ userId, title, body: '', level: 'info', from: 'grace' }) as const;

describe('NotificationStore', () => {
  it('gives each notification an id and a time', async () => {
    const store = new NotificationStore();
    const [one, two] = [await store.add(draft('ada', 'one')), await store.add(draft('ada', 'two'))];
    expect(one.id).not.toBe(two.id);
    expect(new Date(one.createdAt).toISOString()).toBe(one.createdAt);
  });

  it('keeps the order of those that came in the same millisecond', async () => {
    const store = new NotificationStore();
    for (const [userId, title] of [
      ['ada', '1'],
      ['*', '2'],
      ['ada', '3'],
      ['bob', '-'],
      ['*', '4'],
    ] as const) {
      await store.add(draft(userId, title));
    }
    expect((await store.recentFor('ada', 3)).map(({ title }) => title)).toEqual(['4', '3', '2']);
  });

  it('forgets a recipient’s oldest, and never those of others', async () => {
    const store = new NotificationStore();
    await store.add(draft('bob', 'for bob'));
    for (let count = 1; count <= 51; count++) {
      await store.add(draft('ada', `${count}`));
    }
    const titles = (await store.recentFor('ada', 100)).map(({ title }) => title);
    expect([titles.length, titles[0], titles.at(-1)]).toEqual([50, '51', '2']);
    expect(await store.recentFor('bob', 100)).toHaveLength(1);
  });
});
