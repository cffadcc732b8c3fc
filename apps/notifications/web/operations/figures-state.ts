import type { NodeFigures } from '../../src/operations/node-figures.js';

/** What all nodes do together, in one second. */
export interface Totals {
  readonly nodes: number;
  readonly connections: number;
  readonly publishedPerSecond: number;
  readonly deliveredPerSecond: number;
  readonly lagging: number;
  readonly memoryBytes: number;
  /** Of one processor; of all nodes that know it. */
  readonly processorShare: number;
  /** Of the slowest node: percentiles of several can't be added up. `null`: no event was published of late. */
  readonly publishP95Ms: number | null;
  /** As for {@link publishP95Ms}. */
  readonly openP95Ms: number | null;
  /** The same for all nodes; `null`: no node can ask the database. */
  readonly outboxWaiting: number | null;
}

export interface FiguresState {
  /** By id. */
  readonly heard: Readonly<Record<string, { readonly figures: NodeFigures; readonly at: number }>>;
  /** The last minute, a point a second; the latest last. */
  readonly history: readonly { readonly second: number; readonly totals: Totals }[];
}

export interface FiguresAction {
  readonly figures: NodeFigures;
  /** Milliseconds since the Unix epoch. */
  readonly at: number;
}

const POINTS = 60;
/** A node that has been silent for so long is gone. */
const SILENT_MS = 5_000;

export const noFigures: FiguresState = { heard: {}, history: [] };

export function figuresReducer(
  { heard: before, history }: FiguresState,
  action: FiguresAction,
): FiguresState {
  const { figures, at } = action;
  const alive = Object.entries(before).filter(([, node]) => node.at > at - SILENT_MS);
  const heard = { ...Object.fromEntries(alive), [figures.node.id]: { figures, at } };
  const point = { second: Math.floor(at / 1_000), totals: totalsOf(nodesOf(heard)) };
  const earlier = history.filter(({ second }) => second < point.second);
  return { heard, history: [...earlier, point].slice(-POINTS) };
}

/** By name. */
export function nodesOf(heard: FiguresState['heard']): NodeFigures[] {
  return Object.values(heard)
    .map(({ figures }) => figures)
    .toSorted((one, other) => one.node.name.localeCompare(other.node.name, 'en', { numeric: true }));
}

/** Adds up counts that nodes have by their kinds; the greatest first, without those that are 0. */
export function countsOf(
  nodes: readonly NodeFigures[],
  kind: 'refusals' | 'closes',
): readonly (readonly [name: string, count: number])[] {
  const sums = new Map<string, number>();
  for (const [name, count] of nodes.flatMap((node) => Object.entries(node[kind]))) {
    sums.set(name, (sums.get(name) ?? 0) + count);
  }
  return [...sums].filter(([, count]) => count > 0).toSorted(([, one], [, other]) => other - one);
}

function totalsOf(nodes: readonly NodeFigures[]): Totals {
  const sum = (figure: (node: NodeFigures) => number): number =>
    nodes.reduce((total, node) => total + figure(node), 0);
  return {
    nodes: nodes.length,
    connections: sum(({ connections }) => connections),
    publishedPerSecond: sum(({ publishedPerSecond }) => publishedPerSecond),
    deliveredPerSecond: sum(({ deliveredPerSecond }) => deliveredPerSecond),
    lagging: sum(({ lagging }) => lagging),
    memoryBytes: sum(({ memoryBytes }) => memoryBytes),
    processorShare: sum(({ processorShare }) => processorShare ?? 0),
    publishP95Ms: greatest(nodes.map(({ publishMs }) => publishMs?.p95 ?? null)),
    openP95Ms: greatest(nodes.map(({ openMs }) => openMs?.p95 ?? null)),
    outboxWaiting: greatest(nodes.map(({ outboxWaiting }) => outboxWaiting)),
  };
}

function greatest(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : Math.max(...known);
}
