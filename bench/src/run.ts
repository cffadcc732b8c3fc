import type { Remote } from './remote.js';
import type { LoadApi } from './load/load.js';
import { findNchan } from './peers/nchan.js';
import type { PeerName } from './peers/peers.js';
import { type Cores, type Running, type RunningPeer, startLoad, startPeer } from './processes.js';
import { type Figures, type Metric, type Results, metrics } from './results.js';
import type { Scale } from './scale.js';
import { figure } from './figure.js';

export interface RunOptions {
  readonly scale: Scale;
  /** Only these; `undefined`: all that the scale has. */
  readonly only: readonly PeerName[] | undefined;
  /** Where CPU profiles of Nestcast go. */
  readonly profileTo: string | undefined;
  readonly log: (line: string) => void;
}

/** A run of the bench: its scale, its processes, its results. */
export class Run {
  readonly scale: Scale;
  private readonly loadProcess: Running<Remote<LoadApi>>;
  private readonly running = new Set<RunningPeer>();

  constructor(
    private readonly options: RunOptions,
    private readonly cores: Cores,
    readonly results: Results,
  ) {
    this.scale = options.scale;
    this.loadProcess = startLoad(cores);
  }

  get load(): Remote<LoadApi> {
    return this.loadProcess.ask;
  }

  /** Takes what a round has measured, and says so. */
  add(workload: string, peer: RunningPeer, figures: Figures): void {
    this.results.add(workload, peer.name, figures);
    const [first] = Object.entries(figures) as [Metric, number][];
    if (first) {
      this.options.log(`${workload}  ${peer.name}  ${figure(first[1])} ${metrics[first[0]].unit}`);
    }
  }

  /** Those of the peers that take part here. */
  taking(names: readonly PeerName[]): PeerName[] {
    const { only, scale } = this.options;
    return names
      .filter((name) => only?.includes(name) ?? !scale.without.includes(name))
      .filter((name) => name !== 'nchan' || findNchan() !== undefined);
  }

  /** Starts these peers, does the work with each in turn, for as many rounds as the scale has, and ends them. */
  async alternate(
    names: readonly PeerName[],
    work: (peer: RunningPeer, round: number) => Promise<void>,
    rounds = this.scale.rounds,
  ): Promise<void> {
    const peers: RunningPeer[] = [];
    for (const name of this.taking(names)) {
      peers.push(await this.start(name));
    }
    for (let round = 0; round < rounds; round += 1) {
      for (const peer of peers) {
        await work(peer, round);
      }
    }
    for (const peer of peers) {
      await this.end(peer);
    }
  }

  /** The same with a process of its own for each peer and round, where its memory counts. */
  async alternateAfresh(
    names: readonly PeerName[],
    work: (peer: RunningPeer, round: number) => Promise<void>,
  ): Promise<void> {
    for (let round = 0; round < this.scale.rounds; round += 1) {
      for (const name of this.taking(names)) {
        const peer = await this.start(name);
        await work(peer, round);
        await this.end(peer);
      }
    }
  }

  /** Ends what a failed run has left. */
  async end(...peers: RunningPeer[]): Promise<void> {
    for (const peer of peers) {
      this.running.delete(peer);
      await peer.end();
    }
  }

  async close(): Promise<void> {
    await this.end(...this.running);
    await this.loadProcess.end();
  }

  private async start(name: PeerName): Promise<RunningPeer> {
    const peer = await startPeer(name, this.cores, this.options.profileTo);
    this.running.add(peer);
    return peer;
  }
}
