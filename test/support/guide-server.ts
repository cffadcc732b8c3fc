import type { LinkedApp } from './linked-app.js';
import { OutputProcess } from './output-process.js';
import { until } from './until.js';

/** The guide's application, as `npm start` runs it. */
export class GuideServer extends OutputProcess {
  private constructor(
    app: LinkedApp,
    readonly port: number,
  ) {
    super(app.program, { PORT: String(port) }, app.folder);
  }

  /** Resolves when it says that it can be opened; rejects with what it has written if it ends before. */
  static async start(app: LinkedApp, port: number): Promise<GuideServer> {
    const server = new GuideServer(app, port);
    let ended = false;
    void server.ended.then(() => (ended = true));
    await until(() => ended || server.output.includes(`Open ${server.url}`), 30_000);
    if (ended) {
      throw new Error(server.output);
    }
    return server;
  }

  get url(): string {
    return `http://localhost:${this.port}`;
  }

  async kill(): Promise<void> {
    this.signal('SIGKILL');
    await this.ended;
  }
}
