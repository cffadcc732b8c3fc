import type { Cancel, Clock } from './clock.js';
import { SseError } from './sse-error.js';

/** Waits for what a broker answers, but not for ever. */
export class Patience {
  private readonly waiting = new Set<() => void>();

  constructor(
    private readonly clock: Clock,
    /** How long for each answer; milliseconds. */
    private readonly ms: number,
  ) {}

  /**
   * @returns what it resolves with
   * @throws what it rejects with; SseError `BROKER_UNAVAILABLE` if it takes too long, `BROKER_CLOSED` after {@link end}
   */
  async of<T>(answer: Promise<T>): Promise<T> {
    let cancel: Cancel | undefined;
    let giveUp: (() => void) | undefined;
    const late = new Promise<never>((_resolve, reject) => {
      cancel = this.clock.schedule(this.ms, () =>
        reject(new SseError('BROKER_UNAVAILABLE', `The broker has not answered within ${this.ms} ms.`)),
      );
      giveUp = () =>
        reject(new SseError('BROKER_CLOSED', 'The hub is closed; its broker is not waited for.'));
      this.waiting.add(giveUp);
    });
    try {
      return await Promise.race([answer, late]);
    } finally {
      cancel?.();
      this.waiting.delete(giveUp as () => void);
    }
  }

  /** Waits for nothing any more: whoever still does gets `BROKER_CLOSED`. */
  end(): void {
    this.waiting.forEach((giveUp) => giveUp());
  }
}
