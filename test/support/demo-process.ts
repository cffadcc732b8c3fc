import { OutputProcess } from './output-process.js';
import { deleteFolder, sampleFolder } from './sample-folder.js';
import { until } from './until.js';

const START_MS = 50_000;

/** `npm run demo:cluster`, built and on a free port. */
export class DemoProcess extends OutputProcess {
  /** Resolves when the page can be opened. */
  static async start(): Promise<DemoProcess> {
    // With colours, as on a terminal.
    const folder = await sampleFolder();
    const demo = new DemoProcess('../../demo/dist/cluster.js', {
      PORT: '0',
      NO_COLOR: undefined,
      DATABASE_FOLDER: folder,
    });
    void demo.ended.then(() => deleteFolder(folder));
    await until(() => demo.child.exitCode !== null || /Ctrl\+C ends/.test(demo.output), START_MS);
    return demo;
  }

  /** Of the proxy. */
  get url(): string {
    return this.found(/^Open (http\S+) in/m);
  }

  /** Of the program that has this name in its output. */
  pid(name: string): number {
    return Number(this.found(new RegExp(`^${name} .*\\(pid (\\d+)\\)`, 'm')));
  }

  /** Ends what hasn't ended yet. */
  async kill(): Promise<void> {
    this.signal('SIGTERM');
    await this.ended;
  }

  private found(pattern: RegExp): string {
    const found = pattern.exec(this.output)?.[1];
    if (found === undefined) {
      throw new Error(`There is no ${pattern} in: ${this.output}`);
    }
    return found;
  }
}
