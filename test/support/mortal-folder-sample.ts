import { randomInt } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';

import { freePort } from '@nestcast/test-servers';

import {
  type EmbeddedDatabase,
  openEmbeddedDatabase,
} from '../../apps/notifications/src/database/embedded-database.js';
import { commitUnpublished } from './commit-unpublished.js';
import type { InboxTraffic } from './inbox-traffic.js';
import type { Query } from './inbox-verdict.js';
import { isAlive } from './is-alive.js';
import type { MortalSample } from './mortal-sample.js';
import { deleteFolder, sampleFolder } from './sample-folder.js';
import { SampleProcess } from './sample-process.js';

/** About as long as a start takes on a machine that does nothing else. */
const START_MS = 2_000;

/** A process, or a primary and its workers, over the database in a folder. */
export class MortalFolderSample implements MortalSample {
  private constructor(
    private readonly folder: string,
    private readonly environment: Readonly<Record<string, string>>,
    private process: SampleProcess,
  ) {}

  static async start(broker: Readonly<Record<string, string>>): Promise<MortalFolderSample> {
    const folder = await sampleFolder();
    const environment = {
      ...broker,
      PORT: String(await freePort()),
      DATABASE_FOLDER: folder,
      SESSION_SECRET: 'the same in all its lives',
    };
    const sample = new MortalFolderSample(folder, environment, await SampleProcess.start(environment));
    await sample.process.url();
    return sample;
  }

  origin(): string {
    return `http://127.0.0.1:${this.environment['PORT']}`;
  }

  async kill(): Promise<void> {
    const workers = this.process.workers().filter(isAlive);
    const worker = workers[randomInt(workers.length + 1)];
    if (worker !== undefined) {
      process.kill(worker, 'SIGKILL');
      return;
    }
    await this.process.kill();
    if (randomInt(4) === 0) {
      await this.launch();
      await delay(randomInt(START_MS));
      await this.process.kill();
    }
    await this.launch();
    await this.process.url();
  }

  /** Nobody else can open the folder while the process lives: what it would have committed last is committed for it. */
  async killBeforePublishing(traffic: InboxTraffic): Promise<void> {
    await this.process.kill();
    const { key, notification } = await this.opened(({ database }) =>
      commitUnpublished(database, 'tim', '*'),
    );
    traffic.accepted.set(key, notification);
    await this.launch();
    await this.process.url();
  }

  async end<T>(ask: (query: Query) => Promise<T>): Promise<T> {
    this.process.signal('SIGTERM');
    const end = await this.process.ended;
    if (end !== 0) {
      throw new Error(`It has ended with ${end}: ${this.process.output}`);
    }
    return this.opened(({ engine }) => ask(async (sql) => (await engine.query<never>(sql)).rows));
  }

  async destroy(): Promise<void> {
    await this.process.kill();
    await deleteFolder(this.folder);
  }

  private async launch(): Promise<void> {
    this.process = await SampleProcess.start(this.environment);
  }

  private async opened<T>(work: (database: EmbeddedDatabase) => Promise<T>): Promise<T> {
    const database = await openEmbeddedDatabase(this.folder);
    try {
      return await work(database);
    } finally {
      await database.close();
    }
  }
}
