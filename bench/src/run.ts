import type { Remote } from './remote.js';
import type { LoadApi } from './load/load.js';
import { findNchan } from './peers/nchan.js';
import { type PeerName, nodesOf } from './peers/peers.js';
import { type Cores, type Running, type RunningPeer, pin, startLoad, startPeer } from './processes.js';
import { type Figures, type Metric, type Results, metrics } from './results.js';
import type { Scale } from './scale.js';
import { figure } from './figure.js';
import { together } from './together.js';
import { type ClusterBrokerServer, serveClusterBroker } from '@nestcast/hub';
import { RedisServer } from '@nestcast/test-servers';

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
  private loadProcess: Running<Remote<LoadApi>>;
  private readonly running = new Set<RunningPeer>();
  /** Idle while others are measured. */
  private readonly kept = new Map<PeerName, RunningPeer>();
  private redis: RedisServer | undefined;
  private primary: ClusterBrokerServer | undefined;

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
  add(workload: string, peer: { readonly name: PeerName }, figures: Figures): void {
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

  /** Does the work with each of these peers in turn, for as many rounds as the scale has. */
  async alternate(
    names: readonly PeerName[],
    work: (peer: RunningPeer, round: number) => Promise<void>,
  ): Promise<void> {
    for (let round = 0; round < this.scale.rounds; round += 1) {
      for (const name of this.taking(names)) {
        const peer = this.kept.get(name) ?? (await this.start(name));
        this.kept.set(name, peer);
        await work(peer, round);
      }
    }
  }

  /** The same with a process of its own for each peer, round and piece of work, where its memory counts. */
  async alternateAfresh(
    names: readonly PeerName[],
    ...works: ((peer: RunningPeer) => Promise<void>)[]
  ): Promise<void> {
    for (let round = 0; round < this.scale.rounds; round += 1) {
      for (const name of this.taking(names)) {
        for (const work of works) {
          const peer = await this.start(name);
          await work(peer);
          await this.end(peer);
        }
      }
    }
  }

  /** Goes on with new processes after a workload has failed. */
  async restart(): Promise<void> {
    await this.close();
    this.kept.clear();
    this.loadProcess = startLoad(this.cores);
  }

  /** Ends all processes, also what a failed run has left. */
  async close(): Promise<void> {
    await this.loadProcess.end();
    await Promise.all([...this.running].map((peer) => this.end(peer)));
    await this.redis?.stop();
    this.redis = undefined;
    await this.primary?.close();
    this.primary = undefined;
  }

  /** Of a Redis of this run's own, beside the load: its CPU time isn't counted. */
  private async redisUrl(): Promise<string> {
    this.redis ??= await RedisServer.start();
    if (this.cores.load !== undefined) {
      pin(this.redis.pid, this.cores.load);
    }
    return this.redis.url;
  }

  /** This process, whose CPU time isn't counted either. */
  private clusterPrimary(): ClusterBrokerServer {
    this.primary ??= serveClusterBroker();
    return this.primary;
  }

  private async end(peer: RunningPeer): Promise<void> {
    this.running.delete(peer);
    await peer.end();
  }

  private async start(name: PeerName): Promise<RunningPeer> {
    const options = {
      cores: this.cores,
      profileTo: this.options.profileTo,
      redisUrl: name.includes('redis') ? await this.redisUrl() : undefined,
      primary: name === 'nestcast-cluster' ? this.clusterPrimary() : undefined,
    };
    const nodes = await Promise.all(
      Array.from({ length: nodesOf[name] ?? 1 }, () => startPeer(name, options)),
    );
    const peer = together(nodes);
    this.running.add(peer);
    return peer;
  }
}
