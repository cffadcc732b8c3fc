import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../apps/notifications/dist/main.js', import.meta.url));

/** The built sample in a process of its own, as a container would run it. */
export class SampleProcess {
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

  static start(environment: Readonly<Record<string, string>> = {}): SampleProcess {
    const env = { ...process.env, PORT: '0', NO_COLOR: '1', ...environment };
    return new SampleProcess(spawn(process.execPath, [MAIN], { env, stdio: ['ignore', 'pipe', 'pipe'] }));
  }

  get output(): string {
    return this.text;
  }

  /** Where it listens, once it does. */
  async url(): Promise<string> {
    for (;;) {
      const url = /Open (http:\/\/[^\s"]+)/.exec(this.text)?.[1];
      if (url !== undefined) {
        return url.replace('localhost', '127.0.0.1');
      }
      const end = await Promise.race([this.ended, once(this.child.stdout ?? this.child, 'data')]);
      if (!Array.isArray(end)) {
        throw new Error(`It has ended with ${end}: ${this.text}`);
      }
    }
  }

  signal(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  /** Ends it without a word, where it hasn't ended yet. */
  async kill(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.ended;
  }
}
