/** How long waits take at most, unless told otherwise: less than test runners give a test, so that they can say why. */
export const DEFAULT_TIMEOUT_MS = 4_000;

/** Lets tests wait for a state without polling: whoever changes the state calls {@link changed}. */
export class Condition {
  private readonly checks = new Set<() => void>();

  /** Asks every waiting probe again, the longest waiting first. */
  changed(): void {
    for (const check of this.checks) {
      check();
    }
  }

  /**
   * Resolves with the first value of `probe` that is not `undefined`; rejects with what it throws, or when `timeoutMs`
   * have passed (never, if `Infinity`), with the message of `late`.
   */
  until<T>(probe: () => T | undefined, timeoutMs: number, late: () => string): Promise<T> {
    // Made here, because a timer's own stack doesn't tell which wait of a test it was.
    const origin = new Error('The wait began here.');
    return new Promise((resolve, reject) => {
      const settled = (): boolean => {
        try {
          const value = probe();
          if (value === undefined) {
            return false;
          }
          resolve(value);
        } catch (error) {
          reject(error);
        }
        return true;
      };
      if (settled()) {
        return;
      }
      const check = (): void => {
        if (settled()) {
          this.checks.delete(check);
          clearTimeout(timer);
        }
      };
      const expire = (): void => {
        this.checks.delete(check);
        reject(new Error(late(), { cause: origin }));
      };
      const timer = timeoutMs === Infinity ? undefined : setTimeout(expire, timeoutMs);
      this.checks.add(check);
    });
  }
}
