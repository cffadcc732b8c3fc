import { expect, it } from '@jest/globals';
import { headerOfId } from './last-event-id.js';

it('has a character for each byte of the id in UTF-8', () => {
  expect(headerOfId('é∞😀')).toBe('Ã©â\u0088\u009eð\u009f\u0098\u0080');
});

it('takes an id of any length', () => {
  expect(headerOfId('a'.repeat(2 ** 20))).toHaveLength(2 ** 20);
});
