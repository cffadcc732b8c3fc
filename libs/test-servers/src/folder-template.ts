import { cp, mkdtemp, rename, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Folders that all begin as copies of one, which takes long to fill: a database for instance. It is filled once, and kept
 * in the system's temporary folder for whoever comes next.
 */
export class FolderTemplate {
  private readonly path: string;

  /**
   * @param name of the content, so that of another content has another name
   * @param fill puts the content into an empty folder
   */
  constructor(
    name: string,
    private readonly fill: (folder: string) => Promise<void>,
  ) {
    this.path = join(tmpdir(), `nestcast-template-${name}`);
  }

  /** @returns a copy, which is its caller's to delete */
  async copy(): Promise<string> {
    if (!(await isThere(this.path))) {
      await this.make();
    }
    const copy = await mkdtemp(join(tmpdir(), 'nestcast-folder-'));
    await cp(this.path, copy, { recursive: true });
    return copy;
  }

  private async make(): Promise<void> {
    const folder = await mkdtemp(`${this.path}-`);
    await this.fill(folder);
    try {
      await rename(folder, this.path);
    } catch (error) {
      // Another process was first.
      await rm(folder, { recursive: true });
      if (!(await isThere(this.path))) {
        throw error;
      }
    }
  }
}

function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
