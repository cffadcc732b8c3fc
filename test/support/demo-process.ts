import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

import { until } from './until.js';

const MAIN = fileURLToPath(new URL('../../demo/dist/cluster.js', import.meta.url));
const START_MS = 30_000;

/** `npm run demo:cluster`, built and on a free port. */
export class DemoProcess {
  /** How it ended: its exit code, or the signal that has killed it. */
  readonly ended: Promise<number | NodeJS.Signals>;
  private text = '';

  private constructor(private readonly child: ChildProcess) {
    const keep = (chunk: Buffer): void => {
      this.text += chunk.toString();
    };
    child.stdout?.on('data', keep);
    child.stderr?.on('data', keep);
    this.ended = once(child, 'exit').then(([code, signal]) => (code ?? signal) as number | NodeJS.Signals);
  }

  /** Resolves when the page can be opened. */
  static async start(): Promise<DemoProcess> {
    // With colours, as on a terminal.
    const env = { ...process.env, PORT: '0', NO_COLOR: undefined };
    const demo = new DemoProcess(spawn(process.execPath, [MAIN], { env, stdio: ['ignore', 'pipe', 'pipe'] }));
    await until(() => demo.child.exitCode !== null || /Ctrl\+C ends/.test(demo.text), START_MS);
    return demo;
  }

  get output(): string {
    return this.text;
  }

  /** Of the proxy. */
  get url(): string {
    return this.found(/^Open (http\S+) in/m);
  }

  /** Of the program that has this name in its output. */
  pid(name: string): number {
    return Number(this.found(new RegExp(`^${name} .*\\(pid (\\d+)\\)`, 'm')));
  }

  signal(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  /** Ends what hasn't ended yet. */
  async kill(): Promise<void> {
    this.child.kill('SIGTERM');
    await this.ended;
  }

  private found(pattern: RegExp): string {
    const found = pattern.exec(this.text)?.[1];
    if (found === undefined) {
      throw new Error(`There is no ${pattern} in: ${this.text}`);
    }
    return found;
  }
}
