import { describe, expect, it } from '@jest/globals';

import { parseReadinessDelay } from './readiness-delay.js';

describe('parseReadinessDelay', () => {
  it.each([
    [undefined, 0],
    ['', 0],
    ['0', 0],
    ['5000', 5_000],
    ['300000', 300_000],
  ])('reads %j as %i', (value, delayMs) => {
    expect(parseReadinessDelay(value)).toBe(delayMs);
  });

  it.each(['5s', '-1', '1.5', '300001', ' 5', '1e3'])('refuses %j and says so', (value) => {
    expect(() => parseReadinessDelay(value)).toThrow(
      `READINESS_DELAY_MS must be an integer from 0 to 300000, but it is "${value}".`,
    );
  });
});
