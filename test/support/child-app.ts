import { type ChildProcess, execFile, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { transformFile } from '@swc/core';

const root = resolve(import.meta.dirname, '../..');
const scratch = join(root, 'node_modules/.cache/child-apps');

/**
 * Makes an application of this folder into something that a process of its own can run, on the packages as they are
 * built now.
 *
 * @returns the file to run
 */
export async function buildChild(name: string): Promise<string> {
  await promisify(execFile)(process.execPath, ['node_modules/typescript/bin/tsc', '-b', 'libs/sse'], {
    cwd: root,
  });
  const { code } = await transformFile(join(import.meta.dirname, `${name}.ts`), {
    jsc: {
      parser: { syntax: 'typescript', decorators: true },
      transform: { legacyDecorator: true, decoratorMetadata: true },
      target: 'es2022',
    },
    module: { type: 'es6' },
  });
  await mkdir(scratch, { recursive: true });
  const file = join(scratch, `${name}.mjs`);
  await writeFile(file, code);
  return file;
}

/** A process with an application that listens, and tells its port as its first message. */
export class ChildApp {
  /** The code that it exits with, or the signal that has ended it. */
  readonly exit: Promise<number | string>;

  private constructor(
    private readonly child: ChildProcess,
    readonly url: string,
    exit: Promise<unknown[]>,
  ) {
    this.exit = exit.then(([code, signal]) => (code ?? signal) as number | string);
  }

  static async start(file: string, args: readonly string[], execArgv: readonly string[]): Promise<ChildApp> {
    const child = fork(file, args, { execArgv: [...execArgv], env: { ...process.env, NODE_OPTIONS: '' } });
    const exit = once(child, 'exit');
    const [port] = (await Promise.race([
      once(child, 'message'),
      exit.then(([code]) => {
        throw new Error(`The application exited with ${String(code)} before it listened.`);
      }),
    ])) as [number];
    return new ChildApp(child, `http://127.0.0.1:${port}`, exit);
  }

  tell(command: string): void {
    this.child.send(command);
  }

  /** Resolves with its answer, the next message that it sends. */
  async ask<T>(command: string): Promise<T> {
    const answered = once(this.child, 'message');
    this.tell(command);
    const [answer] = (await answered) as [T];
    return answer;
  }

  kill(): void {
    this.child.kill('SIGKILL');
  }
}
