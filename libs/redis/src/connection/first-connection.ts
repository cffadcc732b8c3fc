import type { Cancel, Clock } from '@nestcast/hub';

/** What is asked while the first connection is under way waits for it, for a time. */
export class FirstConnection {
  private resolve: () => void = () => undefined;
  private readonly arrival = new Promise<void>((resolve) => (this.resolve = resolve));
  private readonly cancel: Cancel;
  private isOver = false;

  /** @param patienceMs for how long; after that everything is answered as it can be */
  constructor(clock: Clock, patienceMs: number) {
    this.cancel = clock.schedule(patienceMs, () => this.end());
  }

  /** Whether nobody waits any longer. */
  get over(): boolean {
    return this.isOver;
  }

  wait(): Promise<void> {
    return this.arrival;
  }

  there(): void {
    this.end();
  }

  /** Nobody waits any longer. */
  end(): void {
    this.cancel();
    this.isOver = true;
    this.resolve();
  }
}
