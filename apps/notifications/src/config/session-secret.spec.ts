import { describe, expect, it } from '@jest/globals';

import { parseSessionSecret } from './session-secret.js';

const redis = { kind: 'redis', url: 'redis://cache' } as const;

describe('parseSessionSecret', () => {
  it.each([
    [undefined, { kind: 'memory' } as const, undefined],
    ['', { kind: 'cluster', workers: 2 } as const, undefined],
    ['a secret', { kind: 'memory' } as const, 'a secret'],
    ['a secret', redis, 'a secret'],
  ])('reads %j with %j as %j', (value, broker, secret) => {
    expect(parseSessionSecret(value, broker)).toBe(secret);
  });

  it.each([undefined, ''])('refuses %j where other nodes must know it', (value) => {
    expect(() => parseSessionSecret(value, redis)).toThrow('SESSION_SECRET must be set with BROKER=redis');
  });
});
