import { type BarResult, againstNode, heldAgainst } from './bars.js';
import { machine, versions } from './machine.js';
import type { PeerName } from './peers/peers.js';
import { type Figures, type Metric, type Results, medianOf, metrics } from './results.js';

/** What a run leaves as JSON. */
export interface Report {
  readonly measuredAt: string;
  readonly scale: string;
  readonly machine: ReturnType<typeof machine>;
  /** Whether server and load had a core of their own each. */
  readonly pinned: boolean;
  /** Of the last minute before the run: what else the machine had to do. */
  readonly loadBefore: number;
  readonly versions: Record<string, string>;
  readonly leftOut: readonly string[];
  readonly workloads: readonly WorkloadReport[];
  readonly bars: readonly BarResult[];
  /** What was verified besides numbers. */
  readonly checks: readonly string[];
  /** Workloads that could not be measured to their end, and why. */
  readonly failures: readonly string[];
}

export interface WorkloadReport {
  readonly name: string;
  readonly peers: Partial<
    Record<PeerName, { median: Figures; rounds: readonly Figures[]; againstNode?: number | undefined }>
  >;
}

export function report(
  results: Results,
  about: Pick<Report, 'scale' | 'loadBefore' | 'pinned' | 'leftOut' | 'measuredAt'>,
): Report {
  return {
    ...about,
    machine: machine(),
    versions: versions(),
    workloads: results.workloads.map((name) => workloadReport(results, name)),
    bars: heldAgainst(results),
    checks: results.checks,
    failures: results.failures,
  };
}

function workloadReport(results: Results, name: string): WorkloadReport {
  const peers = results.rowsOf(name).map((row) => {
    const median: Figures = {};
    for (const metric of Object.keys(metrics) as Metric[]) {
      const value = medianOf(row, metric);
      if (value !== undefined) {
        median[metric] = value;
      }
    }
    return [row.peer, { median, rounds: row.rounds, againstNode: againstNode(results, name, row.peer) }];
  });
  return { name, peers: Object.fromEntries(peers) as WorkloadReport['peers'] };
}
