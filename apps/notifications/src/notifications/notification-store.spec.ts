import { SseChannelRegistry, SseModule } from '@nestcast/sse';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Test, type TestingModule } from '@nestjs/testing';

import { ServingNode } from '../serving-node/serving-node.js';
import { ServingNodeModule } from '../serving-node/serving-node.module.js';
import { NotificationStore } from './notification-store.js';

const draft = (userId: string, title: string) =>
  ({ userId, title, body: '', level: 'info', from: 'grace' }) as const;

describe('NotificationStore', () => {
  let module: TestingModule;
  let store: NotificationStore;

  beforeEach(async () => {
    module = await Test.createTestingModule({
      imports: [SseModule.forRoot(), ServingNodeModule.of(undefined)],
      providers: [NotificationStore],
    }).compile();
    store = module.get(NotificationStore);
  });
  afterEach(() => module.close());

  it('gives each notification an id and a time', async () => {
    const [one, two] = [await store.add(draft('ada', 'one')), await store.add(draft('ada', 'two'))];
    expect(one.id).not.toBe(two.id);
    expect(new Date(one.createdAt).toISOString()).toBe(one.createdAt);
  });

  it('keeps the order of those that came in the same millisecond, and leaves out what is for others', async () => {
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

  it('finds what another node has taken, and says which', async () => {
    const other = new NotificationStore(module.get(SseChannelRegistry), new ServingNode('node B'));
    await other.add(draft('ada', 'from afar'));
    expect(await store.recentFor('ada', 50)).toMatchObject([{ title: 'from afar', via: 'node B' }]);
  });
});
