/** How attempts are spaced. */
export interface BackoffOptions {
  /** What doubles with each failure in a row; milliseconds, default 1,000. */
  readonly baseMs?: number;
  /** The longest that it grows to; milliseconds, default 30,000. */
  readonly maxMs?: number;
  /** Failures in a row after which the client gives up, 1 or more; default `Infinity`. Those while the browser is offline don't count. */
  readonly maxAttempts?: number;
}

/**
 * Exponential backoff with full jitter, on top of what the server has asked for.
 *
 * @param failures attempts that have failed in a row; 0 after a stream that was open
 * @param retryMs the server's reconnection time, which it has spread itself; `undefined`: it has told none
 * @returns milliseconds
 */
export function delayBefore(
  failures: number,
  retryMs: number | undefined,
  { baseMs, maxMs }: Required<Omit<BackoffOptions, 'maxAttempts'>>,
): number {
  // After very many, with a base of 0, 0 times Infinity is none.
  return failures || retryMs === undefined
    ? (retryMs ?? 0) + Math.random() * Math.min(maxMs, baseMs * 2 ** failures || 0)
    : retryMs;
}

/**
 * What Retry-After asks for. [spec] RFC 9110 10.2.3: seconds, or a date.
 *
 * @returns milliseconds; NaN: nothing that can be read
 */
export function retryAfterMs(value: string | null): number {
  const text = value ?? '';
  return Math.max(0, Number(text) * 1_000 || Date.parse(text) - Date.now());
}
