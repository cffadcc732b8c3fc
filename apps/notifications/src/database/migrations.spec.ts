import { execFile } from 'node:child_process';
import { cp, mkdtemp, readdir, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from '@jest/globals';

import { MIGRATIONS } from './migrate.js';

const PROCESS_TEST_MS = 60_000;
const ROOM = join(import.meta.dirname, '../..');
// Beside the module, which is all that its package lets one resolve.
const drizzleKit = join(dirname(createRequire(import.meta.url).resolve('drizzle-kit')), 'bin.cjs');

describe('the migrations', () => {
  it(
    'make the tables that the code has: there is nothing to generate',
    async () => {
      const copy = await mkdtemp(join(tmpdir(), 'migrations-'));
      await cp(MIGRATIONS.migrationsFolder, copy, { recursive: true });
      const before = await readdir(copy);
      const schema = '--schema=./src/**/*.table.ts';
      // It takes relative paths only.
      const args = ['generate', '--dialect=postgresql', schema, `--out=${relative(ROOM, copy)}`];
      const { stdout } = await promisify(execFile)(process.execPath, [drizzleKit, ...args], { cwd: ROOM });
      expect(stdout).toContain('No schema changes, nothing to migrate');
      expect(await readdir(copy)).toEqual(before);
      await rm(copy, { recursive: true });
    },
    PROCESS_TEST_MS,
  );
});
