import { describe, expect, it } from '@jest/globals';
import { backoffMs } from './backoff.js';

describe('backoffMs', () => {
  it('doubles up to 2 s, and leaves half of it to chance', () => {
    const longest = [0, 1, 2, 5, 6, 1_000].map((failures) => backoffMs(failures, () => 1));
    expect(longest).toEqual([50, 100, 200, 1_600, 2_000, 2_000]);
    expect(backoffMs(6, () => 0)).toBe(1_000);
  });
});
