import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Answer, CommandName, Listening, NodeCommands, NodeSettings } from './node/node-protocol.js';

/** The node as it is built; from the sources as from what is built of them. */
const MAIN = fileURLToPath(new URL('../dist/node/main.js', import.meta.url));
const LINES_KEPT = 30;

/** What a command has failed with, on its node. */
export class CommandError extends Error {
  override readonly name = 'CommandError';

  constructor(
    message: string,
    /** Of the node's error, if it has one. */
    readonly code: string | undefined,
  ) {
    super(message);
  }
}

/** The node has died before it has answered. */
export class NodeGone extends Error {
  override readonly name = 'NodeGone';
}

interface Pending {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** An application node that runs in a process of its own, to be asked and killed. */
export class AppNode {
  /** The last lines that it has printed. */
  readonly lastWords: string[] = [];
  private readonly pending = new Map<number, Pending>();
  private readonly exit: Promise<unknown>;
  private calls = 0;
  private gone = false;

  private constructor(
    private readonly child: ChildProcess,
    readonly settings: NodeSettings,
  ) {
    for (const output of [child.stdout, child.stderr]) {
      if (output) {
        createInterface(output).on('line', (line) => {
          this.lastWords.push(line);
          this.lastWords.splice(0, this.lastWords.length - LINES_KEPT);
        });
      }
    }
    this.exit = once(child, 'exit').then(() => this.die());
  }

  /** @throws Error if it ends instead of listening */
  static async start(settings: NodeSettings): Promise<AppNode> {
    const child = fork(MAIN, [JSON.stringify(settings)], {
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      execArgv: ['--expose-gc'],
      env: { ...process.env, NODE_OPTIONS: '', NO_COLOR: '1' },
    });
    const node = new AppNode(child, settings);
    const first = await Promise.race([once(child, 'message'), node.exit]);
    if (!Array.isArray(first)) {
      throw new Error(`The node ended instead of listening:\n${node.lastWords.join('\n')}`);
    }
    const [{ port }] = first as [Listening];
    child.on('message', (answer) => node.take(answer as Answer));
    return Object.assign(node, { settings: { ...settings, port } });
  }

  get url(): string {
    return `http://127.0.0.1:${this.settings.port}`;
  }

  get alive(): boolean {
    return !this.gone;
  }

  /**
   * @throws CommandError if it fails there
   * @throws NodeGone if the node dies before it answers; it may then have been done
   */
  ask<Name extends CommandName>(
    name: Name,
    ...args: Parameters<NodeCommands[Name]>
  ): Promise<Awaited<ReturnType<NodeCommands[Name]>>> {
    this.calls += 1;
    const call = this.calls;
    return new Promise((resolve, reject) => {
      if (this.gone) {
        reject(new NodeGone('The node is dead.'));
        return;
      }
      this.pending.set(call, { resolve: resolve as Pending['resolve'], reject });
      this.child.send({ call, name, args }, (error) => {
        if (error) {
          this.pending.delete(call);
          reject(new NodeGone(error.message));
        }
      });
    });
  }

  /** `kill -9`; resolves when it is dead. */
  async kill(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.exit;
  }

  /** Another one in its place, at the same address; after {@link kill}. */
  restarted(): Promise<AppNode> {
    return AppNode.start(this.settings);
  }

  private take(answer: Answer): void {
    const pending = this.pending.get(answer.call);
    this.pending.delete(answer.call);
    if ('error' in answer) {
      pending?.reject(new CommandError(answer.error.message, answer.error.code));
    } else {
      pending?.resolve(answer.value);
    }
  }

  private die(): void {
    this.gone = true;
    for (const { reject } of this.pending.values()) {
      reject(new NodeGone('The node has died before it has answered.'));
    }
    this.pending.clear();
  }
}
