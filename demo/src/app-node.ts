import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('./main.js', import.meta.resolve('@nestcast/notifications')));
/** The port in the last line of its start, which may be coloured. */
const OPEN = /Open http:\/\/\S+?:(\d+)/;

/** The sample in a process of its own, as one of several nodes. */
export class AppNode {
  /** How it ended: its exit code, or the signal that has killed it. */
  readonly ended: Promise<number | NodeJS.Signals>;
  /** Where it listens, once it does; rejects if it ends instead. */
  readonly url: Promise<URL>;

  private constructor(
    readonly name: string,
    private readonly child: ChildProcessByStdio<null, Readable, Readable>,
    say: (line: string) => void,
  ) {
    this.ended = endOf(child);
    this.url = new Promise((resolve, reject) => {
      for (const output of [child.stdout, child.stderr]) {
        createInterface(output).on('line', (line) => {
          say(line);
          const port = OPEN.exec(line)?.[1];
          if (port !== undefined) {
            resolve(new URL(`http://127.0.0.1:${port}`));
          }
        });
      }
      child.once('close', () => reject(new Error(`${name} has ended instead of starting.`)));
    });
  }

  /**
   * @param environment what differs from this process's own
   * @param say takes each line that it writes
   */
  static start(
    name: string,
    environment: Readonly<Record<string, string>>,
    say: (line: string) => void,
  ): AppNode {
    const env = { ...process.env, ...environment, NODE_NAME: name, PORT: '0' };
    // In a group of its own: Ctrl+C on the terminal is this process's to pass on, when it is the node's turn.
    const child = spawn(process.execPath, [MAIN], { env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
    return new AppNode(name, child, say);
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  /** Lets it end its streams, and waits until it has gone. */
  async stop(): Promise<void> {
    this.child.kill('SIGTERM');
    await this.ended;
  }
}

async function endOf(child: ChildProcessByStdio<null, Readable, Readable>): Promise<number | NodeJS.Signals> {
  const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
  return code ?? signal ?? 0;
}
