import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('./main.js', import.meta.resolve('@nestcast/notifications')));
const OPEN = /Open (http:\/\/\S+)/;

/** The sample in a process of its own, as one of several nodes. */
export class AppNode {
  /** How it ended: its exit code, or the signal that has killed it. */
  readonly ended: Promise<number | NodeJS.Signals>;

  private constructor(
    readonly name: string,
    readonly url: URL,
    private readonly child: ChildProcess,
  ) {
    this.ended = endOf(child);
  }

  /**
   * @param environment what differs from this process's own
   * @param say takes each line that it writes
   * @throws Error if it ends instead of starting
   */
  static async start(
    name: string,
    environment: Readonly<Record<string, string>>,
    say: (line: string) => void,
  ): Promise<AppNode> {
    const env = { ...process.env, ...environment, NODE_NAME: name, PORT: '0' };
    // In a group of its own: Ctrl+C on the terminal is this process's to pass on, when it is the node's turn.
    const child = spawn(process.execPath, [MAIN], { env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
    const url = new Promise<URL>((resolve) => {
      for (const output of [child.stdout, child.stderr]) {
        createInterface(output).on('line', (line) => {
          say(line);
          const found = OPEN.exec(line)?.[1];
          if (found !== undefined) {
            resolve(new URL(found));
          }
        });
      }
    });
    const failed = endOf(child).then((end) => {
      throw new Error(`${name} has ended with ${end} instead of starting.`);
    });
    return new AppNode(name, await Promise.race([url, failed]), child);
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

async function endOf(child: ChildProcess): Promise<number | NodeJS.Signals> {
  const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
  return code ?? signal ?? 0;
}
