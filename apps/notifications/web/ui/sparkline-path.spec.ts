import { describe, expect, it } from '@jest/globals';

import { sparklinePath } from './sparkline-path.js';

describe('sparklinePath()', () => {
  it('draws nothing of fewer than two values', () => {
    expect(sparklinePath([])).toBeUndefined();
    expect(sparklinePath([1])).toBeUndefined();
  });

  it('is as high as its greatest value, and closes the area below', () => {
    expect(sparklinePath([0, 5, 10])).toEqual({
      line: 'M0,32L50,16L100,0',
      area: 'M0,32L50,16L100,0L100,32L0,32Z',
    });
  });

  it('leaves room above values that are less than the maximum', () => {
    expect(sparklinePath([0, 5], 10)?.line).toBe('M0,32L100,16');
  });

  it('is flat on the ground where there is nothing', () => {
    expect(sparklinePath([0, 0])?.line).toBe('M0,32L100,32');
  });
});
