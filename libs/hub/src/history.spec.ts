import { describe, expect, it } from '@jest/globals';
import { publishAll, setUpHub } from './spec-support/hub-fixture.js';
import { caught } from './spec-support/caught.js';

describe('history', () => {
  it('gives the newest events of all channels asked for, the oldest first, and nothing of others', async () => {
    const { hub } = setUpHub();
    await hub.publish('a', { type: 'note', data: { number: 1 } });
    await hub.publish('b', { data: 'two' });
    await hub.publish('c', { data: 'not asked for' });
    const id = await hub.publish('a', { data: 'three' });
    await hub.publish('a', { data: 'for those who are there', ephemeral: true });
    const all = await hub.history(['a', 'b'], 10);
    expect(all.map(({ channel, type, data }) => [channel, type, data])).toEqual([
      ['a', 'note', { number: 1 }],
      ['b', '', 'two'],
      ['a', '', 'three'],
    ]);
    expect(all.at(-1)?.id).toBe(id);
    expect((await hub.history(['a', 'b'], 2)).map(({ data }) => data)).toEqual(['two', 'three']);
    expect(await hub.history(['nothing here'], 5)).toEqual([]);
  });

  it('reads logs that are longer than a page', async () => {
    const { hub } = setUpHub({ history: { maxEvents: 2_000, maxAgeMs: 600_000 } });
    await publishAll(hub, 'a', ...Array.from({ length: 1_203 }, (_, index) => `${index}`));
    const newest = await hub.history(['a'], 600);
    expect([newest.length, newest[0]?.data, newest.at(-1)?.data]).toEqual([600, '603', '1202']);
  });

  it('refuses what is no name and no limit', async () => {
    const { hub } = setUpHub();
    const bad = [hub.history(['a\n'], 1), hub.history(['a'], 0), hub.history(['a'], Number.NaN)];
    const codes = await Promise.all(bad.map(async (promise) => (await caught(() => promise)).code));
    expect(codes).toEqual(['INVALID_CHANNEL_NAME', 'INVALID_OPTION', 'INVALID_OPTION']);
  });

  it('rejects with the broker’s failure', async () => {
    const { hub, broker } = setUpHub();
    broker.failing = { replay: new Error('down') };
    await expect(hub.history(['a'], 1)).rejects.toThrow('down');
  });
});
