import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** A built program in a process of its own, as a terminal or a container would run it, and what it has written. */
export class OutputProcess {
  /** How it ended: its exit code, or the signal that has killed it. */
  readonly ended: Promise<number | NodeJS.Signals>;
  protected readonly child: ChildProcess;
  private text = '';

  /**
   * @param program the file to run, relative to this folder
   * @param cwd where it runs; default: where this process does
   */
  protected constructor(program: string, env: Readonly<Record<string, string | undefined>>, cwd?: string) {
    this.child = spawn(process.execPath, [fileURLToPath(new URL(program, import.meta.url))], {
      cwd,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const keep = (chunk: Buffer): void => {
      this.text += chunk.toString();
    };
    this.child.stdout?.on('data', keep);
    this.child.stderr?.on('data', keep);
    this.ended = once(this.child, 'exit').then(
      ([code, signal]) => (code ?? signal) as number | NodeJS.Signals,
    );
  }

  get processId(): number {
    return this.child.pid ?? 0;
  }

  get output(): string {
    return this.text;
  }

  signal(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }
}
