import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

import { FolderTemplate } from '@nestcast/test-servers';

import { OutputProcess } from './output-process.js';

const MIGRATIONS = fileURLToPath(new URL('../../apps/notifications/migrations', import.meta.url));

/** The name of the last migration tells what is in the folder. */
const template = new FolderTemplate(
  `sample-${readdirSync(MIGRATIONS).findLast((name) => name.endsWith('.sql'))}`,
  async (folder) => {
    const filling = new Filling(folder);
    await filling.done();
  },
);

/** A folder for the sample's embedded database, which has its tables and demo accounts already. */
export async function sampleFolder(): Promise<string> {
  return template.copy();
}

export const deleteFolder = (folder: string): Promise<void> => rm(folder, { recursive: true, force: true });

/** The sample, started once for what it leaves in its folder. */
class Filling extends OutputProcess {
  constructor(folder: string) {
    super('../../apps/notifications/dist/main.js', { PORT: '0', DATABASE_FOLDER: folder, NO_COLOR: '1' });
  }

  async done(): Promise<void> {
    while (!this.output.includes('Open http')) {
      const end = await Promise.race([this.ended, once(this.child.stdout ?? this.child, 'data')]);
      if (!Array.isArray(end)) {
        throw new Error(`The sample has ended with ${end}: ${this.output}`);
      }
    }
    this.signal('SIGTERM');
    await this.ended;
  }
}
