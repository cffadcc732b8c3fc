import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { formatCursor, parseCursor } from './cursor.js';

const epochs = fc.stringMatching(/^[0-9a-z]{1,32}$/);
const places = fc.nat({ max: Number.MAX_SAFE_INTEGER });

describe('cursor', () => {
  it('is read as it was written (property)', () => {
    fc.assert(
      fc.property(epochs, places, (epoch, seq) => {
        expect(parseCursor(formatCursor(epoch, seq))).toEqual({ epoch, seq });
      }),
    );
  });

  it('takes nothing that it would not write (property)', () => {
    const close = fc.tuple(fc.oneof(epochs, fc.string()), fc.oneof(fc.string(), places.map(String)));
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          close.map((pair) => pair.join('.')),
        ),
        (text) => {
          const cursor = parseCursor(text);
          expect(cursor === undefined || formatCursor(cursor.epoch, cursor.seq) === text).toBe(true);
        },
      ),
    );
  });

  const garbage = [
    '',
    '.',
    'a.',
    '.1',
    'a',
    'a.1.2',
    'a.-1',
    'a.01',
    'a.1.5',
    'a.1e3',
    'A.1',
    'a.1\n',
    '\na.1',
    ' a.1',
  ];
  for (const text of [
    ...garbage,
    'a.9007199254740992',
    'a.99999999999999999',
    `${'a'.repeat(33)}.1`,
    'a.٣',
    'now',
    'start',
  ]) {
    it(`is not ${JSON.stringify(text)}`, () => {
      expect(parseCursor(text)).toBeUndefined();
    });
  }
});
