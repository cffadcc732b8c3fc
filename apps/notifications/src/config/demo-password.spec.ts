import { describe, expect, it } from '@jest/globals';

import { parseDemoPassword } from './demo-password.js';

const embedded = { kind: 'embedded', folder: '/data' } as const;
const server = { kind: 'server', url: 'postgresql://host' } as const;

describe('parseDemoPassword', () => {
  it.each([
    [undefined, embedded, 'nestcast'],
    ['', embedded, 'nestcast'],
    ['other', embedded, 'other'],
    // A server may be everybody's: no account with a known password by accident.
    [undefined, server, undefined],
    ['', server, undefined],
    ['other', server, 'other'],
  ])('reads %j with %j as %j', (value, database, password) => {
    expect(parseDemoPassword(value, database)).toBe(password);
  });
});
