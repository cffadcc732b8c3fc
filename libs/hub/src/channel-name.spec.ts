import { describe, expect, it } from '@jest/globals';
import { Channel } from './channel.js';
import { assertChannelName } from './channel-name.js';
import { caught } from './spec-support/caught.js';

const controls = [...range(0x00, 0x1f), 0x7f, ...range(0x80, 0x9f)];

describe('assertChannelName', () => {
  const allowed = [
    'a',
    'user/42',
    ' ',
    '*',
    '?',
    '../x',
    '__proto__',
    '{a}',
    'ř',
    '🐎',
    '\u00a0',
    'a'.repeat(255),
  ];
  for (const name of [...allowed, 'ř'.repeat(127), '🐎'.repeat(63)]) {
    it(`lets ${JSON.stringify(name.slice(0, 12))} of ${Buffer.byteLength(name)} bytes through`, () => {
      expect(() => assertChannelName(name)).not.toThrow();
    });
  }

  const refused: [unknown, string][] = [
    ['', 'non-empty'],
    [undefined, 'undefined'],
    [42, 'number'],
    [['a'], 'object'],
    ['a'.repeat(256), '256 bytes'],
    ['ř'.repeat(128), '256 bytes'],
    ['🐎'.repeat(64), '256 bytes'],
    ['a\uD800', 'lone surrogate'],
    ['\uDC00a', 'lone surrogate'],
  ];
  for (const [name, says] of refused) {
    it(`refuses ${JSON.stringify(name)?.slice(0, 20)}`, async () => {
      const error = await caught(() => assertChannelName(name));
      expect(error.code).toBe('INVALID_CHANNEL_NAME');
      expect(error.message).toContain(says);
    });
  }

  it('refuses every control character, and shows it escaped', async () => {
    for (const code of controls) {
      const error = await caught(() => assertChannelName(`a${String.fromCodePoint(code)}b`));
      expect([code, error.code]).toEqual([code, 'INVALID_CHANNEL_NAME']);
      expect(error.message).not.toMatch(/[\r\n\0]/);
    }
  });
});

describe('Channel', () => {
  const source = {
    publish: async () => '',
    events: () => {
      throw new Error('not asked for');
    },
  };

  it('is named exactly as it was asked for', () => {
    for (const name of [' A ', 'café', 'cafe\u0301']) {
      expect(new Channel(name, source).name).toBe(name);
      expect(new Channel(name, source).fromStart().name).toBe(name);
    }
  });

  it('refuses a bad name', () => {
    expect(() => new Channel('a\n', source)).toThrow('control character');
  });
});

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}
