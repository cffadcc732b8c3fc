const STEPS = [
  ['minute', 60, 60],
  ['hour', 60 * 60, 24],
  ['day', 24 * 60 * 60, 7],
] as const;
const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto', style: 'narrow' });
const day = new Intl.DateTimeFormat('en', { day: 'numeric', month: 'short', year: 'numeric' });
const exact = new Intl.DateTimeFormat('en', { dateStyle: 'full', timeStyle: 'short' });

/**
 * "just now", "5m ago", "yesterday"; the date after a week. A clock ahead of ours counts as now.
 *
 * @param now milliseconds since the Unix epoch
 */
export function relativeTime(date: Date, now: number): string {
  const seconds = (now - date.getTime()) / 1_000;
  if (seconds < 45) {
    return 'just now';
  }
  for (const [unit, length, limit] of STEPS) {
    const count = Math.max(1, Math.round(seconds / length));
    if (count < limit) {
      return relative.format(-count, unit);
    }
  }
  return day.format(date);
}

export function exactTime(date: Date): string {
  return exact.format(date);
}
