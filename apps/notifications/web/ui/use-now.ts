import { useCallback, useSyncExternalStore } from 'react';

/**
 * The time, again and again while the component is mounted; milliseconds since the Unix epoch, a multiple of `everyMs`.
 *
 * @param everyMs `undefined`: the time isn't needed now, and is 0
 */
export function useNow(everyMs: number | undefined): number {
  const subscribe = useCallback(
    (listener: () => void) => {
      const timer = everyMs === undefined ? undefined : setInterval(listener, everyMs);
      return () => clearInterval(timer);
    },
    [everyMs],
  );
  return useSyncExternalStore(subscribe, () =>
    everyMs === undefined ? 0 : Math.floor(Date.now() / everyMs) * everyMs,
  );
}
