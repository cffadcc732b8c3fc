import { readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

/** Of those that start together each withdraws, and tries again a little later than the others; milliseconds. */
const PAUSE_MS = 50;
const ATTEMPTS = 8;

export interface FolderOwner {
  /** Lets others have it. */
  leave(): Promise<void>;
}

/**
 * Makes this process the folder's only one, by a file with its process id as its name. Whoever comes puts its file there
 * first, and looks for others' then: of two that come at the same time at least one sees the other, and withdraws. What
 * killed processes have left is deleted; nobody ever deletes, or replaces, the file of one that lives.
 *
 * @throws Error naming the process that has it
 */
export async function takeFolder(folder: string): Promise<FolderOwner> {
  const claim = join(folder, claimOf(process.pid));
  const leave = (): Promise<void> => rm(claim, { force: true });
  for (let attempt = 1; ; attempt += 1) {
    await writeFile(claim, '');
    const other = await findOther(folder);
    if (other === undefined) {
      return { leave };
    }
    await leave();
    if (attempt === ATTEMPTS) {
      throw new Error(
        `The database in ${folder} is open in the process ${other}. Stop that one, set DATABASE_FOLDER to another folder, ` +
          'or set DATABASE_URL to a PostgreSQL server, which any number of processes can share.',
      );
    }
    await pause(Math.random() * PAUSE_MS * attempt);
  }
}

const claimOf = (pid: number): string => `process-${pid}`;

/** Its process id; what it finds of dead ones it deletes. */
async function findOther(folder: string): Promise<number | undefined> {
  for (const name of await readdir(folder)) {
    const pid = Number(/^process-(\d+)$/.exec(name)?.[1] ?? process.pid);
    if (isAnother(pid)) {
      return pid;
    }
    if (pid !== process.pid) {
      await rm(join(folder, name), { force: true });
    }
  }
  return undefined;
}

/** In a container every life of the application may have the same id: its own is never another's. */
function isAnother(pid: number): boolean {
  if (pid === process.pid) {
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
