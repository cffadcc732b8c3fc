import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { packPackages } from './packed-packages.js';

const run = promisify(execFile);
const root = resolve(import.meta.dirname, '../..');
const installedHere = join(root, 'node_modules');

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly scripts: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

/** An application in a folder of its own: on our packages as they are shipped, and on the others as they are installed here. */
export class LinkedApp {
  private constructor(
    readonly folder: string,
    private readonly manifest: Manifest,
  ) {}

  /** @param files by their paths; among them a package.json */
  static async create(folder: string, files: Readonly<Record<string, string>>): Promise<LinkedApp> {
    for (const [name, text] of Object.entries(files)) {
      await mkdir(dirname(join(folder, name)), { recursive: true });
      await writeFile(join(folder, name), text);
    }
    const app = new LinkedApp(folder, await manifestOf(folder));
    await app.install();
    return app;
  }

  /** The program that `npm start` runs. */
  get program(): string {
    return join(this.folder, this.manifest.scripts['start']?.replace(/^node /, '') ?? '');
  }

  /** Runs a command of a terminal in its folder, and resolves with what it prints. */
  async run(command: string): Promise<string> {
    const path = `${join(root, 'node_modules/.bin')}:${process.env['PATH']}`;
    const env = { ...process.env, PATH: path };
    const { stdout } = await run('sh', ['-c', command], { cwd: this.folder, env }).catch(
      (error: { stdout: string; stderr: string }) => {
        throw new Error(`${command}:\n${error.stdout}${error.stderr}`, { cause: error });
      },
    );
    return stdout;
  }

  /** What `npm install` would do, in a second and without a registry. */
  private async install(): Promise<void> {
    const wanted = { ...this.manifest.dependencies, ...this.manifest.devDependencies };
    const own = await packagesBehind(Object.keys(wanted).filter(isOwn));
    const tarballs = await packPackages(own, this.folder);
    for (const [name, tarball] of Object.entries(tarballs)) {
      const target = this.installed(name);
      await mkdir(target, { recursive: true });
      await run('tar', ['-xzf', tarball, '-C', target, '--strip-components', '1']);
      const { dependencies = {} } = await manifestOf(target);
      await link(target, dependencies, join(installedHere, name));
    }
    await link(this.folder, wanted, root);
    await this.check(wanted);
  }

  /** @throws Error if it wants another version than is there */
  private async check(wanted: Readonly<Record<string, string>>): Promise<void> {
    for (const [name, range] of Object.entries(wanted)) {
      const { version } = await manifestOf(this.installed(name));
      if (majorOf(version) !== majorOf(range)) {
        throw new Error(`The package.json wants ${name} ${range}, and ${version} is there.`);
      }
    }
  }

  private installed(name: string): string {
    return join(this.folder, 'node_modules', name);
  }
}

/**
 * Gives a folder what it depends on, our own packages aside.
 *
 * @param here where the same dependencies are installed
 */
async function link(
  folder: string,
  dependencies: Readonly<Record<string, string>>,
  here: string,
): Promise<void> {
  for (const name of Object.keys(dependencies).filter((each) => !isOwn(each))) {
    const target = join(folder, 'node_modules', name);
    await mkdir(dirname(target), { recursive: true });
    const itsOwn = join(here, 'node_modules', name);
    await symlink(existsSync(itsOwn) ? itsOwn : join(installedHere, name), target);
  }
}

const isOwn = (name: string): boolean => name.startsWith('@nestcast/');

const majorOf = (version: string): string | undefined => /\d+/.exec(version)?.[0];

/** These of ours, and those that they depend on. */
async function packagesBehind(names: readonly string[]): Promise<string[]> {
  const all = new Set(names);
  for (const name of all) {
    const { dependencies = {} } = await manifestOf(join(installedHere, name));
    Object.keys(dependencies)
      .filter(isOwn)
      .forEach((dependency) => all.add(dependency));
  }
  return [...all];
}

async function manifestOf(folder: string): Promise<Manifest> {
  return JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as Manifest;
}
