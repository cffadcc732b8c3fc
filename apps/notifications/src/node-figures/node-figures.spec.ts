import { describe, expect, it } from '@jest/globals';

import { figuresBetween } from './node-figures.js';

const sample = (delivered: number, bytes: number, at: number) => ({
  delivered,
  bytes,
  at,
  connections: 3,
  channels: 2,
  lagging: 1,
  memoryBytes: 5,
});

describe('figuresBetween', () => {
  it('tells rates by the second, whatever the time between', () => {
    expect(figuresBetween(sample(10, 1_000, 0), sample(15, 4_000, 2_000))).toEqual({
      connections: 3,
      channels: 2,
      lagging: 1,
      memoryBytes: 5,
      eventsPerSecond: 2.5,
      bytesPerSecond: 1_500,
    });
  });

  it('has no rate where no time has passed', () => {
    const figures = figuresBetween(sample(10, 1_000, 7), sample(15, 4_000, 7));
    expect([figures.eventsPerSecond, figures.bytesPerSecond]).toEqual([0, 0]);
  });
});
