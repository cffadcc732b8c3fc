import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { text } from 'node:stream/consumers';
import type { ClusterReport } from '@nestcast/sse';
import { freePort } from '@nestcast/test-servers';
import { buildChild } from './child-app.js';

interface WorkerState {
  readonly pid: number;
  readonly connections: number;
}

/** How long processes may take to get up on a busy machine; milliseconds. */
export const CLUSTER_TIMEOUT_MS = 120_000;

/** The application of cluster-main.ts, with its primary as a child of this process. */
export class ClusterProcess {
  /** What its primary has reported. */
  readonly reports: ClusterReport[] = [];
  /** The code that the primary exits with, or the signal that has ended it. */
  readonly exit: Promise<number | string>;
  private stderrText = '';

  private constructor(
    private readonly child: ChildProcess,
    readonly url: string,
  ) {
    this.exit = once(child, 'exit').then(([code, signal]) => (code ?? signal) as number | string);
    child.on('message', (report) => this.reports.push(report as ClusterReport));
    child.stderr?.on('data', (bytes: Buffer) => {
      this.stderrText += bytes.toString();
    });
  }

  /**
   * @param failure what bootstrap fails with, if it shall
   * @param port default: one that is free
   * @param group whether it has a process group of its own, as what a shell starts has
   */
  static async start(
    adapter: string,
    workers: number,
    { failure, port, group = false }: { failure?: string; port?: number; group?: boolean } = {},
  ): Promise<ClusterProcess> {
    const file = await buildChild('cluster-main', 'cluster-app');
    const taken = port ?? (await freePort());
    const args = [adapter, taken, workers, ...(failure === undefined ? [] : [failure])];
    const child = fork(file, args.map(String), {
      env: { ...process.env, NODE_OPTIONS: '' },
      stdio: ['ignore', 'inherit', 'pipe', 'ipc'],
      detached: group,
    });
    return new ClusterProcess(child, `http://127.0.0.1:${taken}`);
  }

  /** What the processes have written to stderr. */
  get stderr(): string {
    return this.stderrText;
  }

  /** How many workers have got up so far. */
  get ups(): number {
    return this.of('up').length;
  }

  of<K extends ClusterReport['kind']>(kind: K): Extract<ClusterReport, { kind: K }>[] {
    return this.reports.filter(
      (report): report is Extract<ClusterReport, { kind: K }> => report.kind === kind,
    );
  }

  /** Resolves when so many have got up since the start. */
  up(count: number): Promise<void> {
    return this.until(() => this.ups >= count);
  }

  /** Resolves when what is reported makes it so; asked after each report. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) {
      await once(this.child, 'message');
    }
  }

  /** Kills these workers, and resolves when others are up in their places. */
  async replace(pids: readonly number[]): Promise<void> {
    const { ups } = this;
    pids.forEach((pid) => process.kill(pid, 'SIGKILL'));
    await this.up(ups + pids.length);
  }

  /** The processes of the workers that are up. */
  get pids(): number[] {
    const gone = new Set([...this.of('died'), ...this.of('ended')].map(({ pid }) => pid));
    return this.of('up').flatMap(({ pid }) => (gone.has(pid) ? [] : [pid]));
  }

  signal(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  /** To its whole process group, as a terminal does it. */
  signalGroup(signal: NodeJS.Signals): void {
    process.kill(-(this.child.pid ?? 0), signal);
  }

  /** Asks one worker after another: each request has a connection of its own, and the primary deals these out in turn. */
  async ask<T>(path: string, method = 'GET'): Promise<T> {
    const asking = request(this.url + path, { method, agent: false });
    asking.end();
    const [response] = (await once(asking, 'response')) as [IncomingMessage];
    return JSON.parse(await text(response)) as T;
  }

  publish(channel: string, data: string): Promise<{ readonly id: string; readonly pid: number }> {
    return this.ask(`/publish/${channel}?data=${data}`, 'POST');
  }

  /** All workers that are up, each once. */
  async workers(): Promise<WorkerState[]> {
    const found = new Map<number, WorkerState>();
    while (found.size < this.pids.length) {
      const state = await this.ask<WorkerState>('/worker');
      found.set(state.pid, state);
    }
    return [...found.values()].toSorted((a, b) => a.pid - b.pid);
  }

  /** Resolves when no worker has a connection any more. */
  async idle(): Promise<void> {
    while ((await this.workers()).some(({ connections }) => connections > 0)) {
      // Workers have to notice that clients have gone.
    }
  }

  /** Ends what is left of it. */
  async kill(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.exit;
  }
}
