import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { promisify } from 'node:util';

export const BUILD_TIMEOUT_MS = 120_000;

/** Builds what application nodes in processes of their own run. */
export async function buildNodes(): Promise<void> {
  await promisify(execFile)(process.execPath, ['node_modules/typescript/bin/tsc', '-b', 'test/faults'], {
    cwd: resolve(import.meta.dirname, '../..'),
  });
}
