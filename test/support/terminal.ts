import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { until } from './until.js';

/** A command as one types it into a terminal, and what is seen there. */
export class Terminal {
  private readonly command: ChildProcess;
  private readonly closed: Promise<unknown>;
  private text = '';

  /** @param line a single command */
  constructor(line: string) {
    // No proxy stands before what runs here.
    const env = { ...process.env, no_proxy: '*' };
    this.command = spawn('sh', ['-c', `exec ${line}`], { env, stdio: ['ignore', 'pipe', 'ignore'] });
    this.closed = once(this.command, 'close');
    this.command.stdout?.setEncoding('utf8').on('data', (chunk: string) => (this.text += chunk));
  }

  get output(): string {
    return this.text;
  }

  /** Resolves once a text can be seen. */
  async shows(what: string): Promise<void> {
    await until(() => this.text.includes(what));
  }

  /** Resolves, once it has come to its end, with all that it has written. */
  async end(): Promise<string> {
    await this.closed;
    return this.text;
  }

  /** Ctrl+C. */
  async interrupt(): Promise<string> {
    this.command.kill('SIGINT');
    return this.end();
  }
}
