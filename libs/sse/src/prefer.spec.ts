import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { preferredWait } from './prefer.js';

describe('the time that a client prefers to wait', () => {
  it.each([
    ['wait=25', 25],
    ['wait=0', 0],
    ['WAIT = 007', 7],
    ['wait="25"', 25],
    ['wait="2\\5"', 25],
    ['respond-async, wait=10', 10],
    ['return=minimal,wait=10 ; strict; "', 10],
    ['foo; bar="a, wait=1", wait=2', 2],
    ['foo="\\", wait=1", wait=2', 2],
    [',, ,wait=3,', 3],
    ['@ =, wait=4', 4],
    ['wait=5, wait=6', 5],
    ['handling=lenient, wait=1e3, wait=7', undefined],
    ['wait', undefined],
    ['wait=', undefined],
    ['wait=""', undefined],
    ['wait=-1', undefined],
    ['wait=1.5', undefined],
    ['wait=١', undefined],
    ['wait=soon', undefined],
    ['wait=1 2', undefined],
    ['waiting=5', undefined],
    ['foo; wait=5', undefined],
    ['foo="unclosed, wait=5', undefined],
    ['', undefined],
    [undefined, undefined],
  ])('is read from %j', (prefer, seconds) => {
    expect(preferredWait(prefer)).toBe(seconds);
  });

  it('is whatever a list of preferences says, and nothing else that a client can send', () => {
    const noise = fc.stringMatching(/^(?:[a-v]+(?:="[ -!#-[\]-~]*")?(?:; ?[a-z]+)?)?$/);
    fc.assert(
      fc.property(fc.array(noise), fc.nat(), fc.array(noise), (before, seconds, after) => {
        expect(preferredWait([...before, `wait=${seconds}`, ...after].join(', '))).toBe(seconds);
      }),
    );
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(preferredWait(text) ?? 0).toBeGreaterThanOrEqual(0);
      }),
    );
  });

  it.each(['wait', '"', '\\"', 'a,', 'wait="', 'a=";,', ' '])(
    'is looked for in time that grows with the header alone: %j',
    (piece) => {
      // What is quadratic would take minutes.
      for (const before of ['', 'wait', 'wait=', 'wait=1']) {
        expect(preferredWait(`${before}${piece.repeat(2 ** 17)}@`)).toBeUndefined();
      }
    },
  );
});
