import { hostname } from 'node:os';
import { describe, expect, it } from '@jest/globals';

import { parseNodeName } from './node-name.js';

const redis = { kind: 'redis', url: 'redis://cache' } as const;

describe('parseNodeName', () => {
  it.each([
    [undefined, { kind: 'memory' } as const, undefined],
    ['node A', { kind: 'memory' } as const, 'node A'],
    ['eu-1.example:80', redis, 'eu-1.example:80'],
    ['', redis, `${hostname()}:${process.pid}`],
  ])('reads %j with %j as %j', (value, broker, name) => {
    expect(parseNodeName(value, broker)).toBe(name);
  });

  it.each(['<b>', 'x'.repeat(41), 'a\nb'])('refuses %j and says so', (value) => {
    expect(() => parseNodeName(value, redis)).toThrow('NODE_NAME must have 1 to 40 letters');
  });
});
