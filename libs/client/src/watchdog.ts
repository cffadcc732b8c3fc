/** Calls back when nothing has been seen for too long. By the wall clock: a machine that has slept finds out when it wakes. */
export interface Watchdog {
  /** @param ms how long it may be quiet from now on; 0: for ever */
  limit(ms: number): void;
  seen(): void;
  stop(): void;
}

export function createWatchdog(onQuiet: () => void): Watchdog {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let limitMs = 0;
  let last = 0;
  // One timer for many signs of life: it looks when it was last.
  const look = (): void => {
    const left = last + limitMs - Date.now();
    if (left > 0) {
      timer = setTimeout(look, left);
    } else {
      onQuiet();
    }
  };
  const watchdog: Watchdog = {
    limit(ms) {
      watchdog.stop();
      limitMs = ms;
      watchdog.seen();
      if (ms > 0) {
        look();
      }
    },
    seen() {
      last = Date.now();
    },
    stop() {
      clearTimeout(timer);
    },
  };
  return watchdog;
}
