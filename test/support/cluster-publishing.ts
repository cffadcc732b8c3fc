import { EventEmitter, once } from 'node:events';
import type { ClusterProcess } from './cluster-process.js';

/** Publishes one event after another, each through whichever worker takes the request. */
export class ClusterPublishing {
  private count = 0;
  private readonly tries = new EventEmitter();
  private going = false;
  private readonly known: string[] = [];
  private running: Promise<void> = Promise.resolve();

  begin(cluster: ClusterProcess, channel: string): void {
    this.going = true;
    this.running = this.run(cluster, channel);
  }

  /** Resolves when so many more have been tried. */
  async more(count: number): Promise<void> {
    const end = this.count + count;
    while (this.count < end) {
      await once(this.tries, 'next');
    }
  }

  /** @returns what is known to be in the log */
  async stop(): Promise<readonly string[]> {
    this.going = false;
    await this.running;
    return this.known;
  }

  private async run(cluster: ClusterProcess, channel: string): Promise<void> {
    while (this.going) {
      this.count += 1;
      this.tries.emit('next');
      const data = String(this.count);
      await cluster.publish(channel, data).then(
        () => this.known.push(data),
        // One whose worker dies meanwhile is in the log, or isn't.
        () => undefined,
      );
    }
  }
}
