import { afterEach, beforeEach, jest } from '@jest/globals';

/** Timers and the clock of the client stand still unless they are advanced. Sockets, which Node.js has for itself, go on. */
export function useFakeTime(): void {
  beforeEach(() => {
    jest.useFakeTimers({
      doNotFake: ['nextTick', 'setImmediate', 'clearImmediate', 'queueMicrotask'],
    });
  });
  afterEach(() => {
    jest.useRealTimers();
  });
}

/** Time goes by, with all that follows of it at once. */
export function elapse(ms: number): Promise<void> {
  return jest.advanceTimersByTimeAsync(ms);
}
