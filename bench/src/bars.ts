import { peerTitles, type PeerName } from './peers/peers.js';
import { type Metric, type Results, compare, medianOf, metrics } from './results.js';
import { names } from './workloads/names.js';

/** One number of the results. */
interface Cell {
  readonly workload: string;
  readonly peer: PeerName;
  readonly metric: Metric;
}

/** What Nestcast must hold to: never a time alone, always a comparison within the same run. */
export interface Bar {
  readonly of: Cell;
  readonly to: Cell;
  /** `ratio`: `of` divided by `to`; `difference`: `of` less `to`. */
  readonly kind: 'ratio' | 'difference';
  readonly max: number;
}

export interface BarResult {
  readonly title: string;
  readonly value: number;
  readonly max: number;
  readonly pass: boolean;
}

const nestcast: PeerName[] = ['nestcast-express', 'nestcast-fastify'];
const sizes = [1_000, 5_000, 15_000];

/** For Nestcast on both adapters: `[metric, workload, most, than this peer, in this workload and metric if others]`. */
type Line = readonly [Metric, string, number, PeerName | 'self', { workload?: string; metric?: Metric }?];

const ratios: readonly Line[] = [
  ...sizes.flatMap((size): Line[] => [
    ['cpuUs', names.fanOut(size, 1), 1.1, 'raw-shared'],
    ['cpuUs', names.fanOut(size, 1), 0.45, 'nest-sse'],
    ['cpuUs', names.fanOut(size, 1), 1, 'nchan'],
    ['cpuUs', names.fanOut(size, 20), 1.25, 'raw-batch'],
    ['cpuUs', names.fanOut(size, 20), 0.05, 'nest-sse'],
  ]),
  ['cpuUs', names.fanOut(15_000, 1), 1.6, 'self', { workload: names.fanOut(1_000, 1) }],
  ['p99Ms', names.paced, 1.2, 'raw-shared'],
  ['cpuUs', names.users, 1.5, 'raw-naive'],
  ['cpuUs', names.gzip, 1.3, 'self', { workload: names.plain }],
  ['cpuUs', names.gzip, 0.2, 'raw-gzip'],
  ['p99Ms', names.stalled, 1.3, 'self', { workload: names.unstalled }],
  ['cpuUs', names.opening, 2, 'raw-naive'],
  ['usedBytes', names.idle, 1.3, 'raw-naive'],
  ['residentBytes', names.idle, 1.3, 'raw-naive'],
];

const differences: readonly Line[] = [
  ['usedBytes', names.gzip, 1_024, 'self', { workload: names.plain }],
  ['peakMegabytes', names.stalled, 32, 'self', { workload: names.unstalled }],
  ['p99Ms', names.ping, 20, 'self', { metric: 'idleP99Ms' }],
];

/** What Redis adds: to the CPU time of its nodes, and to what a bare client of it could publish. */
const overRedis: readonly Bar[] = [
  ...[20, 300, 1_000].map((connections): Bar => {
    const cell = { workload: names.redisFanOut(connections), metric: 'cpuUs' } as const;
    return {
      of: { ...cell, peer: 'nestcast-redis' },
      to: { ...cell, peer: 'nestcast-express' },
      kind: 'ratio',
      max: 1.3,
    };
  }),
  {
    of: { workload: names.redisPublish, peer: 'redis-bare', metric: 'perSecond' },
    to: { workload: names.redisPublish, peer: 'nestcast-redis', metric: 'perSecond' },
    kind: 'ratio',
    max: 2,
  },
];

/** Every bar, as data. */
export const bars: readonly Bar[] = [
  ...toBars(ratios, 'ratio'),
  ...toBars(differences, 'difference'),
  ...overRedis,
];

/** Those of the bars that can be held against what was measured. */
export function heldAgainst(results: Results): BarResult[] {
  return bars.flatMap((bar) => {
    const { of, to, kind, max } = bar;
    const how = kind === 'ratio' ? (a: number, b: number) => a / b : (a: number, b: number) => a - b;
    const value = compare(
      { row: results.row(of.workload, of.peer), metric: of.metric },
      { row: results.row(to.workload, to.peer), metric: to.metric },
      how,
    );
    return value === undefined ? [] : [{ title: titleOf(bar), value, max, pass: value <= max }];
  });
}

/** Of what each peer is compared with Node's own limit: the CPU time, and where there is none the memory. */
export function againstNode(results: Results, workload: string, peer: PeerName): number | undefined {
  const metric: Metric = medianOf(results.row(workload, peer), 'cpuUs') === undefined ? 'usedBytes' : 'cpuUs';
  const limit = limitOf(workload)
    .map((name) => results.row(workload, name))
    .find((row) => row !== undefined);
  return compare({ row: results.row(workload, peer), metric }, { row: limit, metric }, (a, b) => a / b);
}

/** Which peers stand for Node's limit, the first of them that took part. */
function limitOf(workload: string): PeerName[] {
  return workload.endsWith('20 a turn') ? ['raw-batch'] : ['raw-shared', 'raw-naive'];
}

function toBars(lines: readonly Line[], kind: Bar['kind']): Bar[] {
  return lines.flatMap(([metric, workload, max, than, other]) =>
    nestcast.map((peer) => ({
      of: { workload, peer, metric },
      to: {
        workload: other?.workload ?? workload,
        peer: than === 'self' ? peer : than,
        metric: other?.metric ?? metric,
      },
      kind,
      max,
    })),
  );
}

function titleOf({ of, to, kind }: Bar): string {
  const differing = [
    to.peer === of.peer ? '' : peerTitles[to.peer],
    to.workload === of.workload ? '' : to.workload,
    to.metric === of.metric ? '' : metrics[to.metric].title,
  ];
  const unit = kind === 'difference' ? ` (${metrics[of.metric].unit})` : '';
  const sign = kind === 'ratio' ? '÷' : '−';
  return `${of.workload}: ${metrics[of.metric].title}${unit}, ${peerTitles[of.peer]} ${sign} ${differing.filter(Boolean).join(', ')}`;
}
