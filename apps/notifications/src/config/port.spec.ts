import { describe, expect, it } from '@jest/globals';

import { parsePort } from './port.js';

describe('parsePort', () => {
  it.each([
    [undefined, 3000],
    ['', 3000],
    ['0', 0],
    ['8080', 8080],
    ['65535', 65_535],
  ])('reads %j as %i', (value, port) => {
    expect(parsePort(value)).toBe(port);
  });

  it.each(['http', '80.5', '-1', '65536', '1e3', ' 80', '0x50'])('refuses %j and says so', (value) => {
    expect(() => parsePort(value)).toThrow(`PORT must be an integer from 0 to 65535, but it is "${value}".`);
  });
});
