import type { Cancel, Clock } from '@nestcast/hub';

/**
 * Calls `late` after a time, but not before what has come in meanwhile has been read: a process that was too busy to read
 * is not to take an answer for late that has been waiting for it.
 */
export function scheduleAfterReading(clock: Clock, delayMs: number, late: () => void): Cancel {
  let immediate: NodeJS.Immediate | undefined;
  const cancel = clock.schedule(delayMs, () => {
    immediate = setImmediate(late);
  });
  return () => {
    cancel();
    clearImmediate(immediate);
  };
}

/** The promise's outcome, or the error when it takes longer. */
export function within<T>(
  clock: Clock,
  limitMs: number,
  promise: Promise<T>,
  error: () => Error,
): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const cancel = scheduleAfterReading(clock, limitMs, () => reject(error()));
    promise.then(resolve, reject).finally(cancel);
  });
}
