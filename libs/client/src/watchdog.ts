import { MAX_DELAY_MS } from './options.js';

/** Calls back when nothing has been seen for too long. By the wall clock: a machine that has slept finds out when it wakes. */
export interface Watchdog {
  /** @param ms how long it may be quiet from now on, 0: for ever; by default as long as before */
  limit(ms?: number): void;
  seen(): void;
  stop(): void;
}

export function createWatchdog(onQuiet: () => void): Watchdog {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let limitMs = 0;
  let last = 0;
  let doubted = false;
  // One timer for many signs of life: it looks when the last one was.
  const look = (): void => {
    // A clock that has been set back is no reason to wait for longer.
    const left = limitMs - Math.abs(Date.now() - last);
    if (left > 0 || !doubted) {
      // It may run before what has come while the thread was busy: that is read before it looks again.
      doubted = left <= 0;
      timer = setTimeout(look, Math.min(left, MAX_DELAY_MS));
    } else {
      onQuiet();
    }
  };
  const seen = (): void => {
    last = Date.now();
  };
  const stop = (): void => clearTimeout(timer);
  return {
    limit(ms = limitMs) {
      stop();
      seen();
      limitMs = ms;
      if (ms > 0) {
        look();
      }
    },
    seen,
    stop,
  };
}
