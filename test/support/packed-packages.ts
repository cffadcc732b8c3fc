import { execFile } from 'node:child_process';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const root = resolve(import.meta.dirname, '../..');

interface Packed {
  readonly name: string;
  readonly filename: string;
}

/**
 * Packs packages of ours, as they are built now, as they would be published.
 *
 * @returns their files in the folder, by their names
 */
export async function packPackages(
  names: readonly string[],
  folder: string,
): Promise<Record<string, string>> {
  const { stdout } = await run('npm', ['pack', '--json', ...names.flatMap((name) => ['-w', name])], {
    cwd: root,
    env: { ...process.env, npm_config_pack_destination: folder },
  });
  // An array, or since npm 11 an object by package name.
  const packed = Object.values(JSON.parse(stdout) as Record<string, Packed> | Packed[]);
  return Object.fromEntries(packed.map(({ name, filename }) => [name, join(folder, filename)]));
}
