import { useEffect, useState } from 'react';

/**
 * The time, again and again while the component is mounted; milliseconds since the Unix epoch.
 *
 * @param everyMs 0: only when it is mounted
 */
export function useNow(everyMs: number): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    if (everyMs === 0) {
      return undefined;
    }
    setNow(Date.now());
    const timer = setInterval(() => setNow(Date.now()), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return now;
}
