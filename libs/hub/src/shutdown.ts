import { Allowance } from './allowance.js';
import type { Broker } from './broker/broker.js';
import type { Clock } from './clock.js';
import type { Connections } from './connections.js';
import { drainConnections } from './drain.js';
import type { EventBatchers } from './event-batchers.js';
import type { Nodes } from './nodes/nodes.js';
import { SseError } from './sse-error.js';

/** What a shutdown waits for others at most, in all; milliseconds. With what it does itself it is over within a second. */
const WAITING_MS = 750;
/** What the end of the streams takes of it: the more there are the longer, but jobs and the broker keep their part. */
const DRAIN_MS = 550;

/** What a shutdown needs of its hub. */
export interface ShutdownContext {
  readonly clock: Clock;
  readonly connections: Connections;
  readonly batchers: EventBatchers;
  readonly broker: Broker;
  readonly nodes: Nodes;
  readonly reconnectWindowMs: number;
  /** Resolves when what the broker has delivered so far has been written. */
  readonly written: () => Promise<void>;
  readonly onError: (error: unknown, what: string) => void;
}

/** The end of a hub: within a second, whatever its broker and its clients do. */
export class Shutdown {
  /** Whether load balancers have been told. */
  announced = false;
  private readonly allowance: Allowance;
  private drained: Promise<void> | undefined;
  private brokerClosed: Promise<void> | undefined;

  constructor(private readonly context: ShutdownContext) {
    this.allowance = new Allowance(context.clock, WAITING_MS);
  }

  /** Whether the streams are being ended, and no new one is taken. */
  get begun(): boolean {
    return this.drained !== undefined;
  }

  /** Ends the streams; a second call waits for the first. */
  drain(): Promise<void> {
    this.announced = true;
    this.drained ??= this.allowance.spend(this.endStreams(), DRAIN_MS);
    return this.drained;
  }

  /** Waits for a part of it, for half of the time that is left for all of it; reports it if it isn't done then. */
  async finish(work: Promise<unknown>, what: string): Promise<void> {
    this.report(await this.allowance.within(work, 0.5), what);
  }

  /**
   * Gives the broker what still waits for it, and closes it; one that doesn't answer, or fails, is reported, and left. A
   * second call waits for the first.
   */
  closeBroker(): Promise<void> {
    this.brokerClosed ??= this.endBroker();
    return this.brokerClosed;
  }

  private async endBroker(): Promise<void> {
    const { batchers, broker, nodes, onError } = this.context;
    const what = 'closing the broker';
    await this.allowance.spend(batchers.close(this.allowance.leftMs / 2));
    try {
      await this.allowance.within(nodes.leave(), 0.5);
    } catch (error) {
      onError(error, 'taking leave of the other nodes');
    }
    try {
      this.report(await this.allowance.within(broker.close()), what);
    } catch (error) {
      // What is left to be shut down has nothing to do with it.
      onError(error, what);
    }
  }

  private async endStreams(): Promise<void> {
    const { clock, connections, batchers, reconnectWindowMs, written } = this.context;
    const began = clock.now();
    await batchers.flushed();
    await written();
    const leftMs = DRAIN_MS - (clock.now() - began);
    await drainConnections(connections.list(), connections.ending(), reconnectWindowMs, clock, leftMs);
  }

  private report(done: boolean, what: string): void {
    if (!done) {
      const message = 'It took too long; the shutdown goes on without it.';
      this.context.onError(new SseError('BROKER_UNAVAILABLE', message), what);
    }
  }
}
