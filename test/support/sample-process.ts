import { once } from 'node:events';
import { OutputProcess } from './output-process.js';
import { deleteFolder, sampleFolder } from './sample-folder.js';

/** The built sample in a process of its own, as a container would run it. */
export class SampleProcess extends OutputProcess {
  /** Starts it with an embedded database of its own, unless the environment says where its database is. */
  static async start(environment: Readonly<Record<string, string>> = {}): Promise<SampleProcess> {
    const hasDatabase = 'DATABASE_URL' in environment || 'DATABASE_FOLDER' in environment;
    const folder = hasDatabase ? undefined : await sampleFolder();
    const sample = new SampleProcess('../../apps/notifications/dist/main.js', {
      PORT: '0',
      NO_COLOR: '1',
      ...(folder !== undefined && { DATABASE_FOLDER: folder }),
      ...environment,
    });
    if (folder !== undefined) {
      void sample.ended.then(() => deleteFolder(folder));
    }
    return sample;
  }

  /** Where it listens, once it does. */
  async url(): Promise<string> {
    for (;;) {
      const url = /Open (http:\/\/[^\s"]+)/.exec(this.output)?.[1];
      if (url !== undefined) {
        return url.replace('localhost', '127.0.0.1');
      }
      const end = await Promise.race([this.ended, once(this.child.stdout ?? this.child, 'data')]);
      if (!Array.isArray(end)) {
        throw new Error(`It has ended with ${end}: ${this.output}`);
      }
    }
  }

  /** Process ids of the workers that are up. */
  workers(): number[] {
    const pids = (pattern: RegExp): number[] =>
      [...this.output.matchAll(pattern)].map(([, pid]) => Number(pid));
    const gone = new Set(pids(/worker \d+ \((\d+)\) has (?:died|ended)/g));
    return pids(/worker \d+ \((\d+)\) is up/g).filter((pid) => !gone.has(pid));
  }

  /** Ends it without a word, where it hasn't ended yet. */
  async kill(): Promise<void> {
    this.signal('SIGKILL');
    await this.ended;
  }
}
