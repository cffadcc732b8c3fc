import type { Broker } from './broker/broker.js';
import type { Clock } from './clock.js';
import { SseError } from './sse-error.js';

/** Keys that may be used once: by the broker on all its nodes, where it can; else each node remembers its own. */
export class OneTimeKeys {
  /** Until when each is remembered; milliseconds since the Unix epoch. */
  private readonly spent = new Map<string, number>();

  constructor(
    private readonly broker: Pick<Broker, 'spendOnce'>,
    private readonly clock: Clock,
  ) {}

  /** How many are remembered here. */
  get size(): number {
    return this.spent.size;
  }

  /**
   * @param ttlMs for how long the key could be used
   * @returns whether it has not been before: of any number of calls exactly one is told so
   * @throws SseError `BROKER_UNAVAILABLE` if the broker can't tell
   */
  async spend(key: string, ttlMs: number): Promise<boolean> {
    if (!this.broker.spendOnce) {
      return this.spendHere(key, ttlMs);
    }
    try {
      // Anything but true, whatever a broker may resolve with, is no.
      const free: unknown = await this.broker.spendOnce(key, ttlMs);
      return free === true;
    } catch (cause) {
      if (cause instanceof SseError) {
        throw cause;
      }
      const message = 'The broker cannot tell whether something that works only once has been used already.';
      throw new SseError('BROKER_UNAVAILABLE', message, { cause });
    }
  }

  private spendHere(key: string, ttlMs: number): boolean {
    const now = this.clock.now();
    this.sweep(now);
    if (this.spent.has(key)) {
      return false;
    }
    this.spent.set(key, now + ttlMs);
    return true;
  }

  /** The oldest go first, up to one that could still be used: with one time to live for all that is every one that can't. */
  private sweep(now: number): void {
    for (const [key, until] of this.spent) {
      if (until > now) {
        return;
      }
      this.spent.delete(key);
    }
  }
}
