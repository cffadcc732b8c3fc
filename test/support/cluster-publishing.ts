import type { ClusterProcess } from './cluster-process.js';

/** Publishes one event after another, each through whichever worker takes the request. */
export class ClusterPublishing {
  /** How many have been tried. */
  count = 0;
  private going = false;
  private readonly known: string[] = [];
  private running: Promise<void> = Promise.resolve();

  begin(cluster: ClusterProcess): void {
    this.going = true;
    this.running = this.run(cluster);
  }

  /** @returns what is known to be in the log */
  async stop(): Promise<readonly string[]> {
    this.going = false;
    await this.running;
    return this.known;
  }

  private async run(cluster: ClusterProcess): Promise<void> {
    while (this.going) {
      this.count += 1;
      const data = String(this.count);
      await cluster.publish(data).then(
        () => this.known.push(data),
        // One whose worker dies meanwhile is in the log, or isn't.
        () => undefined,
      );
    }
  }
}
