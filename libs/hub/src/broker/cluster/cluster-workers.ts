import cluster, { type Worker } from 'node:cluster';
import type { ClusterReport, WorkerEnd } from './cluster-report.js';
import { closeWithWorker } from './handed-connections.js';
import { WorkerRestarts } from './worker-restarts.js';

/** What a worker of `runCluster()` says when its bootstrap is done. */
export const UP = { nestcast: 'up' };

export interface ClusterWorkersOptions {
  /** How many there are. */
  readonly workers: number;
  /** How long they have to end; milliseconds. */
  readonly graceMs: number;
  readonly onReport: (report: ClusterReport) => void;
}

/** The workers of a cluster: as many as there shall be, until they shall end. */
export class ClusterWorkers {
  /** The exit code for the primary, once all have ended. */
  readonly ended: Promise<number>;

  private readonly running = new Set<Worker>();
  private readonly waiting = new Set<NodeJS.Timeout>();
  private everUp = false;
  private stopping = false;
  private exitCode = 0;
  private end: (exitCode: number) => void = () => undefined;

  constructor(private readonly options: ClusterWorkersOptions) {
    this.ended = new Promise((resolve) => {
      this.end = resolve;
    });
  }

  start(): void {
    for (let place = 0; place < this.options.workers; place += 1) {
      this.fork(new WorkerRestarts());
    }
  }

  /** Asks all to end, and kills those that haven't when the grace is over. A second call does nothing. */
  stop(why: Extract<ClusterReport, { kind: 'stopping' }>['why']): void {
    if (this.stopping) {
      return;
    }
    this.stopping = true;
    this.options.onReport({ kind: 'stopping', why });
    this.waiting.forEach((timer) => clearTimeout(timer));
    this.running.forEach((worker) => worker.process.kill('SIGTERM'));
    setTimeout(() => this.kill(), this.options.graceMs).unref();
    this.endIfAllHave();
  }

  private fork(restarts: WorkerRestarts): void {
    const worker = cluster.fork();
    closeWithWorker(worker);
    const { pid = 0 } = worker.process;
    let upAt: number | undefined;
    this.running.add(worker);
    worker.on('message', (message: unknown) => {
      if (upAt === undefined && isUp(message)) {
        upAt = performance.now();
        this.everUp = true;
        this.options.onReport({ kind: 'up', worker: worker.id, pid });
      }
    });
    const gone = (of: number | string): void => {
      this.running.delete(worker);
      const end = { worker: worker.id, pid, of };
      if (this.stopping) {
        this.hasEnded(end);
      } else {
        this.hasDied(end, restarts, upAt);
      }
    };
    worker.once('exit', (code: number | null, signal: string | null) => gone(signal ?? code ?? 0));
    worker.on('error', (error: NodeJS.ErrnoException) => {
      this.options.onReport({ kind: 'error', error, what: `worker ${worker.id}` });
      // One that could not be forked has no exit.
      if (pid === 0) {
        gone(error.code ?? error.message);
      }
    });
  }

  private hasDied(end: WorkerEnd, restarts: WorkerRestarts, upAt: number | undefined): void {
    const restartInMs = restarts.died(upAt === undefined ? undefined : performance.now() - upAt);
    this.options.onReport({ kind: 'died', ...end, restartInMs });
    if (restarts.hopeless && !this.everUp) {
      this.exitCode = 1;
      this.stop('no worker gets up');
      return;
    }
    const timer = setTimeout(() => {
      this.waiting.delete(timer);
      this.fork(restarts);
    }, restartInMs);
    this.waiting.add(timer);
  }

  private hasEnded(end: {
    readonly worker: number;
    readonly pid: number;
    readonly of: number | string;
  }): void {
    // Nest ends itself by the signal once it has closed the application.
    if (end.of !== 0 && end.of !== 'SIGTERM' && end.of !== 'SIGINT') {
      this.exitCode = 1;
    }
    this.options.onReport({ kind: 'ended', ...end });
    this.endIfAllHave();
  }

  private kill(): void {
    this.running.forEach((worker) => {
      this.options.onReport({ kind: 'killed', worker: worker.id, pid: worker.process.pid ?? 0 });
      worker.process.kill('SIGKILL');
    });
  }

  private endIfAllHave(): void {
    if (this.running.size === 0) {
      this.end(this.exitCode);
    }
  }
}

function isUp(message: unknown): boolean {
  return (
    typeof message === 'object' &&
    message !== null &&
    'nestcast' in message &&
    message.nestcast === UP.nestcast
  );
}
