import cluster from 'node:cluster';
import { availableParallelism } from 'node:os';
import { inspect } from 'node:util';
import { SseError } from '../../sse-error.js';
import { type ClusterReport, writeReport } from './cluster-report.js';
import { ClusterWorkers, UP } from './cluster-workers.js';
import { serveClusterBroker } from './serve-cluster-broker.js';

export interface RunClusterOptions {
  /** How many processes serve; 1 or more. Default: as many as the machine can run at once. */
  readonly workers?: number | undefined;
  /**
   * How long workers have to end once they shall; then they are killed. Milliseconds, default 10,000. Longer than
   * `drain.readinessDelayMs` and a second.
   */
  readonly graceMs?: number | undefined;
  /** Told what happens to workers. Default: a line on stderr each, but for loads. */
  readonly onReport?: ((report: ClusterReport) => void) | undefined;
  /**
   * Closes, in the primary, what it has opened for its workers, once these have ended. If it rejects that is reported, and the
   * primary exits with 1.
   */
  readonly close?: (() => Promise<void>) | undefined;
}

/** The longest delay of Node's timers. */
const MAX_DELAY_MS = 2 ** 31 - 1;

/**
 * Runs the application in several processes of this machine that share one port, with `clusterBroker()` as their broker. It is
 * called in main.ts, which each of the processes runs:
 *
 * - the first, the primary, forks the others, keeps the log, and starts another worker where one has died (at once, or after 100
 *   ms to 10 s where they die one soon after another). SIGTERM and SIGINT go to the workers as SIGTERM; when all have ended
 *   it exits, with 0 if each has done so by itself, else with 1. It exits with 1 as well where a worker has died five times and none
 *   has ever got up. Here the promise is never resolved.
 * - each worker calls `bootstrap`, and the promise resolves when it is done. One that fails is written to stderr, and ends
 *   the worker with 1.
 *
 * @param bootstrap starts the application
 * @throws SseError `INVALID_OPTION`, as a rejection
 */
export async function runCluster(bootstrap: () => unknown, options: RunClusterOptions = {}): Promise<void> {
  const { workers = availableParallelism(), graceMs = 10_000, onReport = writeReport, close } = options;
  assertWhole('workers', workers, 1, MAX_DELAY_MS);
  assertWhole('graceMs', graceMs, 0, MAX_DELAY_MS);
  if (cluster.isWorker) {
    await startWorker(bootstrap);
    return;
  }
  const team = new ClusterWorkers({ workers, graceMs, onReport });
  // An array costs Node's own JSON 1.2 to 1.4 times as much in the primary, whose work it is for all workers.
  cluster.setupPrimary({ serialization: 'advanced' });
  serveClusterBroker({
    onError: (error, what) => onReport({ kind: 'error', error, what }),
    onLoad: (pid, connections) => onReport({ kind: 'load', pid, connections }),
  });
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => team.stop(signal));
  }
  team.start();
  const code = await team.ended;
  const closed = await close?.().then(
    () => true,
    (error: unknown) => {
      onReport({ kind: 'error', error, what: 'closing what the primary had opened' });
      return false;
    },
  );
  // Whatever else main.ts has begun in this process has nothing to do any more.
  // oxlint-disable-next-line unicorn/no-process-exit
  process.exit(closed === false ? 1 : code);
}

async function startWorker(bootstrap: () => unknown): Promise<void> {
  try {
    await bootstrap();
  } catch (error) {
    process.stderr.write(`[nestcast] worker ${cluster.worker?.id} could not start: ${inspect(error)}\n`);
    // What it has begun, and its channel to the primary, would keep it alive.
    // oxlint-disable-next-line unicorn/no-process-exit
    process.exit(1);
  }
  process.send?.(UP);
}

function assertWhole(name: string, value: number, min: number, max: number): void {
  if (!Number.isSafeInteger(value) || value < min || value > max) {
    throw new SseError(
      'INVALID_OPTION',
      `runCluster: ${name} must be an integer from ${min} to ${max} (got ${String(value)}).`,
    );
  }
}
