/** What happens to the workers of a cluster. `worker` is the number of `node:cluster`. */
export type ClusterReport =
  | { readonly kind: 'up'; readonly worker: number; readonly pid: number }
  | (WorkerEnd & {
      readonly kind: 'died';
      /** When another takes its place; milliseconds. */
      readonly restartInMs: number;
    })
  | (WorkerEnd & { readonly kind: 'ended' })
  /** How many connections it has; told every `balance.intervalMs`, but not while it is under pressure. */
  | { readonly kind: 'load'; readonly pid: number; readonly connections: number }
  /** It has not ended within the grace, and is killed. */
  | { readonly kind: 'killed'; readonly worker: number; readonly pid: number }
  | { readonly kind: 'stopping'; readonly why: 'SIGTERM' | 'SIGINT' | 'no worker gets up' }
  /** Nobody waits for this one. */
  | { readonly kind: 'error'; readonly error: unknown; readonly what: string };

export interface WorkerEnd {
  readonly worker: number;
  readonly pid: number;
  /** The exit code, or the signal it has died of. */
  readonly of: number | string;
}

/** Writes a line to stderr of what happens; loads are no news. */
export function writeReport(report: ClusterReport): void {
  if (report.kind !== 'load') {
    process.stderr.write(`[nestcast] ${lineOf(report)}\n`);
  }
}

function lineOf(report: Exclude<ClusterReport, { kind: 'load' }>): string {
  switch (report.kind) {
    case 'up':
      return `worker ${report.worker} (${report.pid}) is up`;
    case 'died':
      return `worker ${report.worker} (${report.pid}) has died of ${report.of}; another starts in ${report.restartInMs} ms`;
    case 'ended':
      return `worker ${report.worker} (${report.pid}) has ended with ${report.of}`;
    case 'killed':
      return `worker ${report.worker} (${report.pid}) has not ended in time and is killed`;
    case 'stopping':
      return `the cluster stops: ${report.why}`;
    case 'error':
      return `${report.what}: ${String(report.error)}`;
  }
}
