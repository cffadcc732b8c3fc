import { execFile } from 'node:child_process';
import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

export interface SystemBinary {
  /** Its names; the first that is on PATH is taken. */
  readonly names: readonly string[];
  /** Debian's package that has it. */
  readonly package: string;
}

/**
 * The path of a program of the system's: the one on PATH, or on Debian, for root, a freshly installed one.
 *
 * @throws Error saying what is missing, and how to install it
 */
export async function systemBinary(binary: SystemBinary): Promise<string> {
  const path = (await onPath(binary)) ?? (await installed(binary));
  if (path === undefined) {
    throw new Error(
      `${binary.names.join(' or ')} is needed on PATH; on Debian: "sudo apt-get install ${binary.package}".`,
    );
  }
  return path;
}

async function onPath({ names }: SystemBinary): Promise<string | undefined> {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  const candidates = names.flatMap((name) => folders.map((folder) => join(folder, name)));
  const found = await Promise.all(candidates.map((path) => isThere(path, constants.X_OK)));
  return candidates.find((_path, index) => found[index]);
}

async function installed(binary: SystemBinary): Promise<string | undefined> {
  const root = process.getuid?.() === 0;
  if (!root || !(await isThere('/etc/debian_version', constants.R_OK))) {
    return undefined;
  }
  // Debian starts a server that it installs; those of the specs are their own.
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };
  await run('apt-get', ['update'], { env });
  await run('apt-get', ['install', '--yes', '--no-install-recommends', binary.package], { env });
  return onPath(binary);
}

function isThere(path: string, mode: number): Promise<boolean> {
  return access(path, mode).then(
    () => true,
    () => false,
  );
}
