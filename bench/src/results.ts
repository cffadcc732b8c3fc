import { type PeerName, peerNames } from './peers/peers.js';

/** What is measured, with its unit. */
export const metrics = {
  cpuUs: { title: 'CPU', unit: 'µs' },
  perSecond: { title: 'per second', unit: '/s' },
  p50Ms: { title: 'p50', unit: 'ms' },
  p99Ms: { title: 'p99', unit: 'ms' },
  maxMs: { title: 'max', unit: 'ms' },
  residentBytes: { title: 'RSS a connection', unit: 'B' },
  usedBytes: { title: 'heap a connection', unit: 'B' },
  wireBytes: { title: 'on the wire', unit: 'B' },
  peakMegabytes: { title: 'RSS growth, peak', unit: 'MB' },
  idleP99Ms: { title: 'p99 idle', unit: 'ms' },
  addedP99Ms: { title: 'p99 added', unit: 'ms' },
} as const;

export type Metric = keyof typeof metrics;
export type Figures = Partial<Record<Metric, number>>;

/** What connections have added to a process's memory. `used` is missing where the server isn't Node. */
export function perConnection(
  before: { resident: number; used: number },
  after: { resident: number; used: number },
  count: number,
): Figures {
  return {
    residentBytes: (after.resident - before.resident) / count,
    ...(after.used > 0 && { usedBytes: (after.used - before.used) / count }),
  };
}

/** A workload's name and a peer's, with what each round measured. */
export interface Row {
  readonly workload: string;
  readonly peer: PeerName;
  /** One entry a round; rounds of all peers with the same place ran side by side. */
  readonly rounds: Figures[];
}

/** Everything that was measured, in the order in which it was. */
export class Results {
  readonly rows: Row[] = [];
  /** What was verified besides numbers: each is true, or the run has failed. */
  readonly checks: string[] = [];
  /** Workloads that could not be measured to their end, and why. */
  readonly failures: string[] = [];

  add(workload: string, peer: PeerName, figures: Figures): void {
    let row = this.row(workload, peer);
    if (!row) {
      row = { workload, peer, rounds: [] };
      this.rows.push(row);
    }
    row.rounds.push(figures);
  }

  /** Notes what has been verified, once. */
  verified(what: string): void {
    if (!this.checks.includes(what)) {
      this.checks.push(what);
    }
  }

  row(workload: string, peer: PeerName): Row | undefined {
    return this.rows.find((row) => row.workload === workload && row.peer === peer);
  }

  /** Of a workload, in the order of the peers' list. */
  rowsOf(workload: string): Row[] {
    return peerNames.flatMap((name) => this.row(workload, name) ?? []);
  }

  get workloads(): string[] {
    return [...new Set(this.rows.map((row) => row.workload))];
  }
}

/** The median of the rounds that have it; `undefined`: none has. */
export function medianOf(row: Row | undefined, metric: Metric): number | undefined {
  return median((row?.rounds ?? []).flatMap((round) => round[metric] ?? []));
}

/**
 * How one row compares with another, round by round: the median of each round's own ratio, which what slows the machine
 * down for a while can't move much. `undefined`: one of them hasn't been measured.
 */
export function compare(
  of: { row: Row | undefined; metric: Metric },
  to: { row: Row | undefined; metric: Metric },
  how: (a: number, b: number) => number,
): number | undefined {
  const pairs = (of.row?.rounds ?? []).flatMap((round, i) => {
    const a = round[of.metric];
    const b = to.row?.rounds[i]?.[to.metric];
    return a === undefined || b === undefined ? [] : how(a, b);
  });
  return median(pairs);
}

export function median(values: readonly number[]): number | undefined {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1
    ? sorted[middle]
    : sorted.length === 0
      ? undefined
      : ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2;
}
