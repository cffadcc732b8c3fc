import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

export interface FolderOwner {
  /** Lets others have it. */
  leave(): Promise<void>;
}

/**
 * Makes this process the folder's only one, by a file with its process id. What a killed process has left is taken over.
 *
 * @throws Error naming the process that has it
 */
export async function takeFolder(folder: string): Promise<FolderOwner> {
  const file = join(folder, 'process.pid');
  const leave = (): Promise<void> => rm(file, { force: true });
  for (let attempt = 1; ; attempt += 1) {
    try {
      await writeFile(file, `${process.pid}\n`, { flag: 'wx' });
      return { leave };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST' || attempt > 2) {
        throw error;
      }
    }
    const pid = Number(await readFile(file, 'utf8'));
    if (isAnother(pid)) {
      throw new Error(
        `The database in ${folder} is open in the process ${pid}. Stop that one, set DATABASE_FOLDER to another folder, ` +
          'or set DATABASE_URL to a PostgreSQL server, which any number of processes can share.',
      );
    }
    await leave();
  }
}

/** In a container every life of the application may have the same id: its own is never another's. */
function isAnother(pid: number): boolean {
  if (pid === process.pid || !(pid > 0)) {
    return false;
  }
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // It is there, but it isn't ours to send signals to.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
