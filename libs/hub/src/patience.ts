import type { Cancel, Clock } from './clock.js';
import { SseError } from './sse-error.js';

/** Waits for what a broker answers, but not for ever. */
export class Patience {
  private readonly waiting = new Set<Cancel>();

  constructor(
    private readonly clock: Clock,
    /** How long for each answer; milliseconds. */
    private readonly ms: number,
  ) {}

  /**
   * @returns what it resolves with
   * @throws what it rejects with; SseError `BROKER_UNAVAILABLE` if it takes too long
   */
  async of<T>(answer: Promise<T>): Promise<T> {
    let cancel: Cancel | undefined;
    const late = new Promise<never>((_resolve, reject) => {
      cancel = this.clock.schedule(this.ms, () =>
        reject(new SseError('BROKER_UNAVAILABLE', `The broker has not answered within ${this.ms} ms.`)),
      );
      this.waiting.add(cancel);
    });
    try {
      return await Promise.race([answer, late]);
    } finally {
      cancel?.();
      this.waiting.delete(cancel as Cancel);
    }
  }

  /** Leaves no timer; whoever still waits for a broker that doesn't answer waits for good. */
  end(): void {
    this.waiting.forEach((cancel) => cancel());
    this.waiting.clear();
  }
}
