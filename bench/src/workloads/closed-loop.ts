import type { EventSize } from '../peers/bench-event.js';
import { paths } from '../peers/peer.js';
import type { RunningPeer } from '../processes.js';
import type { Figures } from '../results.js';
import type { Run } from '../run.js';

export interface StreamsPlan {
  readonly count: number;
  readonly path?: string;
  readonly gzip?: boolean;
}

/** What is published, and for how long. */
export interface LoopPlan {
  readonly perTurn: number;
  readonly size: EventSize;
  readonly ms: number;
}

/**
 * Open streams to one peer. Publishes in a closed loop: a turn's events, and the next turn's once every connection has all
 * of them, so that no peer gains by merging turns.
 */
export class OpenStreams {
  private published = 0;

  private constructor(
    private readonly run: Run,
    private readonly peer: RunningPeer,
    private readonly count: number,
  ) {}

  static async open(run: Run, peer: RunningPeer, plan: StreamsPlan): Promise<OpenStreams> {
    const { count, path = paths.stream, gzip = false } = plan;
    await peer.ask.reset();
    await run.load.open({ port: peer.port, count, path, gzip });
    await peer.ask.connections(count);
    return new OpenStreams(run, peer, count);
  }

  /** Publishes without measuring, for the compiler's sake. */
  async warmUp(plan: LoopPlan): Promise<void> {
    await this.turns(plan);
  }

  async measure(plan: LoopPlan): Promise<Figures> {
    const { peer, run } = this;
    await run.load.reset();
    const cpuBefore = await peer.ask.cpuUs();
    const began = performance.now();
    const turns = await this.turns(plan);
    const seconds = (performance.now() - began) / 1_000;
    const cpuUs = (await peer.ask.cpuUs()) - cpuBefore;
    const deliveries = turns * plan.perTurn * this.count;
    const { latency, bytes } = await run.load.measured();
    return {
      cpuUs: cpuUs / deliveries,
      perSecond: deliveries / seconds,
      p50Ms: latency.p50,
      p99Ms: latency.p99,
      maxMs: latency.max,
      wireBytes: bytes / deliveries,
    };
  }

  /** One turn: published and received by all. */
  async turn(plan: LoopPlan): Promise<void> {
    this.published += plan.perTurn;
    const received = this.run.load.until(this.published);
    const published = this.peer.ask.publish({ count: plan.perTurn, size: plan.size });
    await Promise.all([received, published]);
  }

  async close(): Promise<void> {
    await this.run.load.close();
    await this.peer.ask.connections(0);
  }

  private async turns(plan: LoopPlan): Promise<number> {
    const end = performance.now() + plan.ms;
    let turns = 0;
    do {
      await this.turn(plan);
      turns += 1;
    } while (performance.now() < end);
    return turns;
  }
}
