import { execFile } from 'node:child_process';
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const root = resolve(import.meta.dirname, '../..');

/** An application in a folder of its own, with what is in a folder of test/packages and what has been installed. */
export class EmptyApp {
  private constructor(
    private readonly folder: string,
    private readonly template: string,
  ) {}

  static async create(folder: string, kind: 'nest' | 'browser' | 'node'): Promise<EmptyApp> {
    const template = join(root, 'test/packages', kind);
    await mkdir(folder);
    await cp(template, folder, { recursive: true });
    return new EmptyApp(folder, template);
  }

  async write(files: Readonly<Record<string, string>>): Promise<void> {
    await Promise.all(Object.entries(files).map(([name, text]) => writeFile(join(this.folder, name), text)));
  }

  /** Installs these, by their names, and takes away whatever else there was. */
  async install(dependencies: Readonly<Record<string, string>>): Promise<void> {
    const manifest = JSON.parse(await readFile(join(this.template, 'package.json'), 'utf8')) as object;
    await this.write({ 'package.json': JSON.stringify({ ...manifest, dependencies }) });
    await run('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline'], { cwd: this.folder });
  }

  /** @throws Error with what the compiler complains of */
  async compile(): Promise<void> {
    const tsc = join(root, 'node_modules/typescript/bin/tsc');
    const args = [tsc, '-p', '.', '--typeRoots', join(root, 'node_modules/@types')];
    await run(process.execPath, args, { cwd: this.folder }).catch((error: { stdout: string }) => {
      throw new Error(error.stdout, { cause: error });
    });
  }

  /** Resolves with what it prints. */
  async run(adapter: string): Promise<string> {
    const { stdout } = await run(process.execPath, ['dist/main.js', adapter], { cwd: this.folder });
    return stdout;
  }
}
