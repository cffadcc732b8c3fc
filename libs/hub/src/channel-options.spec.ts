import { describe, expect, it } from '@jest/globals';
import { type ChannelOptions, ChannelOptionsTable, channelDefaults } from './channel-options.js';

const held = (coalesceMs: number): ChannelOptions => ({ coalesceMs, batch: undefined });

describe('the options of a channel', () => {
  const table = new ChannelOptionsTable({
    'prices/*': held(1),
    'prices/eu/*': held(2),
    'prices/eu/gold': held(3),
    'a*b': held(4),
    'toString/*': held(5),
  });

  it.each([
    ['prices/', 1],
    ['prices/us', 1],
    ['prices/eu', 1],
    ['prices/eu/silver', 2],
    ['prices/eu/gold', 3],
    ['prices/eu/gold/spot', 2],
    ['prices/*', 1],
    ['a*b', 4],
    ['axb', undefined],
    ['price', undefined],
    ['toString', undefined],
    ['__proto__', undefined],
  ])('%s has those of its name, or of the longest prefix', (name, expected) => {
    expect(table.of(name)?.coalesceMs).toBe(expected);
  });

  it('may be those of all', () => {
    const all = new ChannelOptionsTable({ '*': held(1), a: held(2) });
    expect([all.of('a')?.coalesceMs, all.of('b')?.coalesceMs]).toEqual([2, 1]);
  });

  it('tell whether any channel publishes in batches', () => {
    expect(table.batches).toBe(false);
    expect(new ChannelOptionsTable({ 'a/*': channelDefaults }).batches).toBe(true);
    expect(new ChannelOptionsTable({ a: channelDefaults }).batches).toBe(true);
  });
});
