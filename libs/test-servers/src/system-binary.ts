import { execFile } from 'node:child_process';
import { access, constants } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const APT_LOCK = join(tmpdir(), 'nestcast-apt.lock');

export interface SystemBinary {
  /** Its names; the first that is on PATH is taken. */
  readonly names: readonly string[];
  /** Debian's package that has it. */
  readonly package: string;
  /** Folders that have it on some systems, though they aren't on PATH; the first one's is taken. */
  readonly folders?: () => Promise<readonly string[]>;
}

/**
 * The path of a program of the system's: the one on PATH or in one of its own folders, or on Debian, for root, a freshly installed one.
 *
 * @throws Error saying what is missing, and how to install it
 */
export async function systemBinary(binary: SystemBinary): Promise<string> {
  const path = (await found(binary)) ?? (await installed(binary));
  if (path === undefined) {
    throw new Error(
      `${binary.names.join(' or ')} is needed on PATH; on Debian: "sudo apt-get install ${binary.package}".`,
    );
  }
  return path;
}

async function found({ names, folders }: SystemBinary): Promise<string | undefined> {
  const all = [...(process.env['PATH'] ?? '').split(delimiter), ...((await folders?.()) ?? [])];
  const candidates = names.flatMap((name) => all.map((folder) => join(folder, name)));
  const there = await Promise.all(candidates.map((path) => isThere(path, constants.X_OK)));
  return candidates.find((_path, index) => there[index]);
}

async function installed(binary: SystemBinary): Promise<string | undefined> {
  const root = process.getuid?.() === 0;
  if (!root || !(await isThere('/etc/debian_version', constants.R_OK))) {
    return undefined;
  }
  // Debian starts a server that it installs; those of the specs are their own.
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };
  // apt-get gives up where another one is at work, which specs that run side by side may have begun.
  const alone = async (...args: string[]): Promise<unknown> =>
    run('flock', [APT_LOCK, 'apt-get', ...args], { env });
  await alone('update');
  await alone('install', '--yes', '--no-install-recommends', binary.package);
  return found(binary);
}

function isThere(path: string, mode: number): Promise<boolean> {
  return access(path, mode).then(
    () => true,
    () => false,
  );
}
