import { describe, expect, it } from '@jest/globals';

import { bytesText, durationText, numberText, shareText } from './figure-text.js';

describe('figures as text', () => {
  it.each([
    [numberText(0), '0'],
    [numberText(0.25), '0.3'],
    [numberText(12.5), '13'],
    [numberText(12_345), '12,345'],
    [durationText(null), '–'],
    [durationText(0.42), '0.4 ms'],
    [durationText(1_250), '1.3 s'],
    [bytesText(0), '0 B'],
    [bytesText(0.5), '0.5 B'],
    [bytesText(1_536), '1.5 KB'],
    [bytesText(150 * 1_024 ** 2), '150 MB'],
    [bytesText(5_000 * 1_024 ** 3), '5,000 GB'],
    [shareText(null), '–'],
    [shareText(0.123), '12%'],
  ])('%s', (text, expected) => {
    expect(text).toBe(expected);
  });
});
