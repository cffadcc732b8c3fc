import type { Listener } from './listener.js';

/** Steps over the clients, so that those that are cut are of all groups and both nodes. */
const STEP = 37;

/** Cuts one client's connection after another's. */
export class Cuts {
  /** What went wrong with each, if something has. */
  private readonly outcomes: Promise<string | undefined>[] = [];
  private readonly ticking: NodeJS.Timeout;

  constructor(listeners: readonly Listener[], everyMs: number) {
    this.ticking = setInterval(() => {
      const listener = listeners[(this.outcomes.length * STEP) % listeners.length];
      const cut = listener?.cut() ?? Promise.resolve();
      this.outcomes.push(
        cut.then(
          () => undefined,
          (error: unknown) => `A client that was cut has not come back: ${String(error)}`,
        ),
      );
    }, everyMs);
  }

  stop(): void {
    clearInterval(this.ticking);
  }

  /** Resolves when all have come back, or given up, with the complaints of those. */
  async complaints(): Promise<string[]> {
    return (await Promise.all(this.outcomes)).filter((complaint) => complaint !== undefined);
  }
}
