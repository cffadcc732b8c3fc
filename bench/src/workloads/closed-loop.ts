import { setInterval } from 'node:timers/promises';

import type { EventSize } from '../peers/bench-event.js';
import { paths } from '../peers/peer.js';
import type { RunningPeer } from '../processes.js';
import type { Figures } from '../results.js';
import type { Run } from '../run.js';

/** Of what is paced. */
const EVENTS_A_SECOND = 10;

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
    await run.load.open({ ports: peer.ports, count, path, gzip });
    await peer.ask.connections(count);
    return new OpenStreams(run, peer, count);
  }

  /** Publishes without measuring, for the compiler's sake. Not at all for 0 ms. */
  async warmUp(plan: LoopPlan): Promise<void> {
    if (plan.ms > 0) {
      await this.loop(plan.ms, () => this.turn(plan));
    }
  }

  measure(plan: LoopPlan): Promise<Figures> {
    return this.measured(
      async () => plan.perTurn * this.count * (await this.loop(plan.ms, () => this.turn(plan))),
    );
  }

  /** Each connection is another user's, with a channel of their own: one event to each, then to each again. */
  measureUsers(ms: number): Promise<Figures> {
    return this.measured(async () => this.count * (await this.loop(ms, () => this.turnOfUsers())));
  }

  /** Publishes an event every 100 ms, whether the last one has arrived or not. */
  measurePaced(seconds: number): Promise<Figures> {
    return this.measured(async () => {
      const events = Math.max(1, Math.round(seconds * EVENTS_A_SECOND));
      await this.pace(events);
      return events * this.count;
    });
  }

  /** What `work` does to the peer. @param work resolves with how many deliveries that were */
  async measured(work: () => Promise<number>): Promise<Figures> {
    const { peer, run } = this;
    await run.load.reset();
    const cpuBefore = await peer.ask.cpuUs();
    const began = performance.now();
    const deliveries = await work();
    const seconds = (performance.now() - began) / 1_000;
    const cpuUs = (await peer.ask.cpuUs()) - cpuBefore;
    const { latency, bytes } = await run.load.measured();
    run.results.verified('every connection got every event exactly once and in order');
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

  /** How many events have been published. */
  get last(): number {
    return this.published;
  }

  private async turnOfUsers(): Promise<void> {
    this.published += 1;
    const received = this.run.load.until(this.published);
    await Promise.all([received, this.peer.ask.publishToEach({ users: this.count })]);
  }

  private async pace(events: number): Promise<void> {
    const received = this.run.load.until(this.published + events);
    const published: Promise<void>[] = [];
    for await (const _ of setInterval(1_000 / EVENTS_A_SECOND)) {
      published.push(this.peer.ask.publish({ count: 1, size: 'small' }));
      this.published += 1;
      if (published.length === events) {
        break;
      }
    }
    await Promise.all([received, ...published]);
  }

  /** For this long, but at least once. @returns how often */
  private async loop(ms: number, turn: () => Promise<void>): Promise<number> {
    const end = performance.now() + ms;
    let turns = 0;
    do {
      await turn();
      turns += 1;
    } while (performance.now() < end);
    return turns;
  }
}
