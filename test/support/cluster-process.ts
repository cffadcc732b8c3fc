import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import type { ClusterReport } from '@nestcast/sse';
import { freePort } from '@nestcast/test-servers';

interface WorkerState {
  readonly pid: number;
  readonly connections: number;
}

/** The application of cluster-app.ts, with its primary as a child of this process. */
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

  /** @param args the adapter, how many workers, and what bootstrap fails with, if it shall */
  static async start(
    file: string,
    adapter: string,
    workers: number,
    failure: string[] = [],
  ): Promise<ClusterProcess> {
    const port = await freePort();
    const child = fork(file, [adapter, String(port), String(workers), ...failure], {
      env: { ...process.env, NODE_OPTIONS: '' },
      stdio: ['ignore', 'inherit', 'pipe', 'ipc'],
    });
    return new ClusterProcess(child, `http://127.0.0.1:${port}`);
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
  async up(count: number): Promise<void> {
    while (this.ups < count) {
      await once(this.child, 'message');
    }
  }

  signal(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  /** Asks one worker after another: each request has a connection of its own, and the primary deals these out in turn. */
  async ask<T>(path: string, method = 'GET'): Promise<T> {
    const asking = request(this.url + path, { method, agent: false });
    asking.end();
    const [response] = (await once(asking, 'response')) as [import('node:http').IncomingMessage];
    return JSON.parse(await text(response)) as T;
  }

  publish(data: string): Promise<{ readonly id: string; readonly pid: number }> {
    return this.ask(`/publish?data=${data}`, 'POST');
  }

  /** All workers that are up, each once. */
  async workers(): Promise<WorkerState[]> {
    const found = new Map<number, WorkerState>();
    const count = this.ups - this.of('died').length;
    while (found.size < count) {
      const state = await this.ask<WorkerState>('/worker');
      found.set(state.pid, state);
    }
    return [...found.values()].toSorted((a, b) => a.pid - b.pid);
  }

  /** Ends what is left of it. */
  async kill(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.exit;
  }
}
