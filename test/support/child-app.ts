import { type ChildProcess, execFile, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { transformFile } from '@swc/core';

const root = resolve(import.meta.dirname, '../..');
const scratch = join(root, 'node_modules/.cache/child-apps');

/** What this spec has built already, for each further process to start without another look for changes. */
const builds = new Map<string, Promise<string>>();

/**
 * Makes an application of this folder into something that a process of its own can run, on the packages as they are
 * built now.
 *
 * @param parts the files of this folder that it imports
 * @returns the file to run
 */
export function buildChild(name: string, ...parts: string[]): Promise<string> {
  const known = builds.get(name) ?? build(name, parts);
  builds.set(name, known);
  return known;
}

async function build(name: string, parts: readonly string[]): Promise<string> {
  await promisify(execFile)(process.execPath, ['node_modules/typescript/bin/tsc', '-b', 'libs/sse'], {
    cwd: root,
  });
  await mkdir(scratch, { recursive: true });
  await write('package.json', '{ "type": "module" }');
  const [file = ''] = await Promise.all([name, ...parts].map(buildFile));
  return file;
}

async function buildFile(name: string): Promise<string> {
  const { code } = await transformFile(join(import.meta.dirname, `${name}.ts`), {
    jsc: {
      parser: { syntax: 'typescript', decorators: true },
      transform: { legacyDecorator: true, decoratorMetadata: true },
      target: 'es2022',
    },
    module: { type: 'es6' },
  });
  return write(`${name}.js`, code);
}

/** In one step: a process that another spec starts may be reading the file. */
async function write(name: string, text: string): Promise<string> {
  const file = join(scratch, name);
  await writeFile(`${file}.${process.pid}`, text);
  await rename(`${file}.${process.pid}`, file);
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
