import { describe, expect, it } from '@jest/globals';

import { parseLogFormat } from './log-format.js';

describe('parseLogFormat', () => {
  it.each([
    [undefined, 'text'],
    ['', 'text'],
    ['text', 'text'],
    ['json', 'json'],
  ])('reads %j as %s', (value, format) => {
    expect(parseLogFormat(value)).toBe(format);
  });

  it.each(['JSON', 'true', ' json'])('refuses %j and says so', (value) => {
    expect(() => parseLogFormat(value)).toThrow(`LOG_FORMAT must be text or json, but it is "${value}".`);
  });
});
