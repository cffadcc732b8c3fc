import { describe, expect, it } from '@jest/globals';

import { relativeTime } from './relative-time.js';

const now = Date.parse('2026-03-10T12:00:00Z');
const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

describe('relativeTime()', () => {
  it.each([
    [-5 * MINUTE, 'just now'],
    [44 * SECOND, 'just now'],
    [45 * SECOND, '1m ago'],
    [59 * MINUTE, '59m ago'],
    [59.6 * MINUTE, '1h ago'],
    [23 * HOUR, '23h ago'],
    [DAY, 'yesterday'],
    [6 * DAY, '6d ago'],
    [30 * DAY, 'Feb 8, 2026'],
  ])('tells what was %d ms ago as "%s"', (ago, text) => {
    expect(relativeTime(new Date(now - ago), now)).toBe(text);
  });
});
