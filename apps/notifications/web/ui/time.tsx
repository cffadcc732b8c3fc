import { exactTime, relativeTime } from './relative-time.js';
import { useNow } from './use-now.js';

const REFRESH_MS = 30_000;

/** How long ago something was, kept up to date; the exact time is its hint. */
export function Time({ date }: { readonly date: string | number | Date }) {
  const now = useNow(REFRESH_MS);
  const at = new Date(date);
  return (
    <time dateTime={at.toISOString()} title={exactTime(at)}>
      {relativeTime(at, now)}
    </time>
  );
}
