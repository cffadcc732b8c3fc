import type { Clock } from '../../clock.js';
import { NodeLeases } from '../../limits/node-leases.js';
import { OneTimeKeys } from '../../one-time-keys.js';
import { SseError } from '../../sse-error.js';
import type { Broker, HistoryOptions } from '../broker.js';
import { memoryBroker } from '../memory-broker.js';
import { ClusterLoads } from './cluster-loads.js';
import type { Link } from './link.js';
import { ServedProcess } from './served-process.js';

/** What the primary of a cluster needs of its process. */
export interface ClusterLogContext {
  readonly clock: Clock;
  /** Reports errors that nobody waits for. */
  readonly onError: (error: unknown, what: string) => void;
}

/** What the nodes of a cluster share: the log, the counters behind the limits, and the keys that work once. */
export class ClusterLog {
  readonly leases: NodeLeases;
  readonly oneTimeKeys: OneTimeKeys;

  private readonly processes = new Set<ServedProcess>();
  private readonly loads: ClusterLoads;
  private broker: Broker | undefined;
  private history: HistoryOptions | undefined;

  constructor(private readonly context: ClusterLogContext) {
    this.leases = new NodeLeases(context.clock);
    this.oneTimeKeys = new OneTimeKeys({}, context.clock);
    this.loads = new ClusterLoads(context.clock);
  }

  /**
   * The log, made when the first node comes, with its history, and kept for as long as the primary lives.
   *
   * @throws SseError `INVALID_OPTION` if it has been made with another history
   */
  open(history: HistoryOptions): Broker {
    const given = this.history ?? history;
    if (given.maxEvents !== history.maxEvents || given.maxAgeMs !== history.maxAgeMs) {
      throw new SseError(
        'INVALID_OPTION',
        `The cluster's log keeps ${described(given)}, as its first worker has said, but this one says ${described(history)}. ` +
          'Give all workers the same history; to change it, restart the primary.',
      );
    }
    this.history = given;
    this.broker ??= memoryBroker()({ ...this.context, history: given });
    return this.broker;
  }

  /**
   * Serves the process at the other end until its link is closed; each broker that it makes is a node of its own.
   *
   * @param onLoad told how many connections the process has, whenever it says so
   * @returns ends it, as if the process were gone
   */
  serve(link: Link, onLoad: (connections: number) => void = () => undefined): () => void {
    const served: ServedProcess = new ServedProcess(link, this, this.loads, onLoad, () =>
      this.processes.delete(served),
    );
    this.processes.add(served);
    return () => served.end();
  }

  /** Lets everything go. */
  async close(): Promise<void> {
    this.processes.forEach((served) => served.end());
    this.leases.close();
    await this.broker?.close();
  }
}

function described({ maxEvents, maxAgeMs }: HistoryOptions): string {
  return `${maxEvents} events a channel for ${maxAgeMs} ms`;
}
