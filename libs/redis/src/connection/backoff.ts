const FIRST_MS = 50;
const LONGEST_MS = 2_000;

/**
 * How long to wait before another attempt to connect: twice as long each time, up to 2 s, and each node for itself somewhere
 * between half of it and all, so that they don't come back all at once.
 *
 * @param failures attempts in a row that have failed
 */
export function backoffMs(failures: number, random: () => number = Math.random): number {
  const longest = Math.min(LONGEST_MS, FIRST_MS * 2 ** failures);
  return longest * (0.5 + random() / 2);
}
