import type { ChildProcess } from 'node:child_process';
import cluster, { type Worker } from 'node:cluster';
import { TimerWheel } from '../../timer-wheel.js';
import { ClusterLog, type ClusterLogContext } from './cluster-log.js';
import { IpcLink } from './link.js';

export interface ServeClusterBrokerOptions {
  /** Reports errors that nobody waits for. Default: a line on stderr. */
  readonly onError?: ClusterLogContext['onError'] | undefined;
  /** Told how many connections a process has, every `balance.intervalMs` while it takes connections. */
  readonly onLoad?: ((pid: number, connections: number) => void) | undefined;
}

/** The log that the workers of this process share. */
export interface ClusterBrokerServer {
  /** Serves one more process, forked with `child_process.fork()`. Workers of `node:cluster` are served anyway. */
  serve(child: ChildProcess): void;
  /** Lets the log go; workers' brokers are as if the primary were gone. */
  close(): Promise<void>;
}

/**
 * Makes this process the primary that `clusterBroker()` in its workers needs, for those who fork themselves; `runCluster()` calls
 * it. To be called before the first fork, once. Fork with `serialization: 'advanced'` (`cluster.setupPrimary()`), which costs the
 * primary less than the default.
 */
export function serveClusterBroker({
  onError = report,
  onLoad,
}: ServeClusterBrokerOptions = {}): ClusterBrokerServer {
  const log = new ClusterLog({ clock: new TimerWheel(), onError });
  const serve = (child: ChildProcess): void => {
    log.serve(new IpcLink(child), (connections) => onLoad?.(child.pid ?? 0, connections));
  };
  const onFork = (worker: Worker): void => serve(worker.process);
  Object.values(cluster.workers ?? {}).forEach((worker) => worker && serve(worker.process));
  cluster.on('fork', onFork);
  return {
    serve,
    close: () => {
      cluster.off('fork', onFork);
      return log.close();
    },
  };
}

function report(error: unknown, what: string): void {
  process.stderr.write(`[nestcast] ${what}: ${String(error)}\n`);
}
