import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import { takeFolder } from './folder-owner.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'folder-owner-'));
});
afterEach(() => rm(folder, { recursive: true }));

const claimOf = (pid: number | string): string => `process-${pid}`;
const leftBy = (pid: number | string): Promise<void> => writeFile(join(folder, claimOf(pid)), '');

/** The id of a process that has ended. */
async function deadPid(): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, ['-p', 'process.pid']);
  return stdout.trim();
}

describe('takeFolder', () => {
  it('writes down who has it, until it is left', async () => {
    const owner = await takeFolder(folder);
    expect(await readdir(folder)).toEqual([claimOf(process.pid)]);
    await owner.leave();
    expect(await readdir(folder)).toEqual([]);
  });

  it('refuses what another process has, and names it', async () => {
    await leftBy(process.ppid);
    await expect(takeFolder(folder)).rejects.toThrow(
      `The database in ${folder} is open in the process ${process.ppid}. Stop that one, set DATABASE_FOLDER`,
    );
    expect(await readdir(folder)).toEqual([claimOf(process.ppid)]);
  });

  it('withdraws where another comes at the same time, and takes it when that one has withdrawn', async () => {
    await leftBy(process.ppid);
    const taken = takeFolder(folder);
    await rm(join(folder, claimOf(process.ppid)));
    await (await taken).leave();
  });

  it.each([
    ['a process that was killed', deadPid],
    // In a container each life may have the same id.
    ['a former life with the same id', () => Promise.resolve(String(process.pid))],
  ])('takes over what was left by %s', async (_what, pid) => {
    await leftBy(await pid());
    const owner = await takeFolder(folder);
    expect(await readdir(folder)).toEqual([claimOf(process.pid)]);
    await owner.leave();
  });

  it('says what is wrong with the folder', async () => {
    await expect(takeFolder(join(folder, 'nowhere'))).rejects.toThrow('ENOENT');
  });
});
