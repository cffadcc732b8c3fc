import { describe, expect, it } from '@jest/globals';

import { parseTrustProxy } from './trust-proxy.js';

describe('parseTrustProxy', () => {
  it.each([
    [undefined, false],
    ['', false],
    ['0', false],
    ['1', 1],
    ['loopback', ['loopback']],
    ['10.0.0.0/8, fd00::/8,192.0.2.1', ['10.0.0.0/8', 'fd00::/8', '192.0.2.1']],
  ])('reads %j as %j', (value, trusted) => {
    expect(parseTrustProxy(value)).toEqual(trusted);
  });

  it.each(['true', 'yes', '-1', '17', '1.5', '10.0.0.0/33', '10.0.0.0/', '10.0.0.0/8/8', 'nginx', ','])(
    'refuses %j and says so',
    (value) => {
      expect(() => parseTrustProxy(value)).toThrow(/^TRUST_PROXY must be how many proxies are in front/);
    },
  );
});
