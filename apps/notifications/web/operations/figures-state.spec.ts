import { describe, expect, it } from '@jest/globals';

import type { NodeFigures } from '../../src/operations/node-figures.js';
import { type FiguresState, countsOf, figuresReducer, noFigures, nodesOf } from './figures-state.js';

const of = (name: string, rest: Partial<NodeFigures> = {}): NodeFigures => ({
  node: { id: `id of ${name}`, name },
  connections: 1,
  users: 1,
  channels: 1,
  lagging: 0,
  publishedPerSecond: 0,
  deliveredPerSecond: 0,
  bytesPerSecond: 0,
  refusals: {},
  closes: {},
  gaps: 0,
  memoryBytes: 100,
  processorShare: null,
  eventLoopDelayMs: 0,
  underPressure: false,
  publishMs: null,
  openMs: null,
  outboxWaiting: null,
  ...rest,
});
const after = (...told: readonly (readonly [at: number, figures: NodeFigures])[]): FiguresState =>
  told.reduce((state, [at, figures]) => figuresReducer(state, { figures, at }), noFigures);
const percentiles = (p95: number) => ({ p50: 0, p95, p99: 0 });

describe('the figures', () => {
  it('are those of all nodes, second by second', () => {
    const { heard, history } = after(
      [1_000, of('b', { connections: 2 })],
      [1_100, of('a', { connections: 3 })],
      [2_000, of('b', { connections: 5 })],
    );
    expect(history.map(({ second, totals }) => [second, totals.connections])).toEqual([
      [1, 5],
      [2, 8],
    ]);
    expect(nodesOf(heard).map(({ node }) => node.name)).toEqual(['a', 'b']);
  });

  it('forget a node that says nothing any more, also one that comes back as another', () => {
    const { heard, history } = after([1_000, of('a')], [1_000, of('b')], [6_001, of('b')]);
    expect(nodesOf(heard).map(({ node }) => node.name)).toEqual(['b']);
    expect(history.at(-1)?.totals.connections).toBe(1);
  });

  it('have the last minute', () => {
    const seconds = Array.from({ length: 100 }, (_, second) => [second * 1_000, of('a')] as const);
    const { history } = after(...seconds);
    expect([history.length, history[0]?.second, history.at(-1)?.second]).toEqual([60, 40, 99]);
  });

  it('tell the slowest node, where there is one to tell', () => {
    const slow = of('b', { publishMs: percentiles(40), outboxWaiting: 3 });
    const [one, two] = [after([0, of('a')]), after([0, of('a', { publishMs: percentiles(7) })], [1, slow])];
    expect(one.history.at(-1)?.totals).toMatchObject({ publishP95Ms: null, outboxWaiting: null });
    expect(two.history.at(-1)?.totals).toMatchObject({ publishP95Ms: 40, outboxWaiting: 3 });
  });

  it('count by kinds, the most frequent first', () => {
    const nodes = [
      of('a', { closes: { client: 1, drain: 0, revoked: 2 } }),
      of('b', { closes: { client: 4, error: 1 } }),
    ];
    expect(countsOf(nodes, 'closes')).toEqual([
      ['client', 5],
      ['revoked', 2],
      ['error', 1],
    ]);
    expect(countsOf(nodes, 'refusals')).toEqual([]);
  });
});
