import { delayBefore, retryAfterMs } from './backoff.js';
import type { End, Life } from './life.js';
import type { ResolvedOptions } from './options.js';
import { SseClientError, type SseClientErrorCode } from './sse-client-error.js';

/** What to do about a response that is no stream; `undefined`: it is one. */
export function refusalOf(
  { status, headers, ok, body }: Response,
  options: ResolvedOptions,
  life: Life,
): End | undefined {
  const end = (code: SseClientErrorCode, rest: End): End => ({
    error: new SseClientError(code, status, { status }),
    ...rest,
  });
  // [spec] WHATWG HTML 9.2.3
  if (status === 204) {
    return { final: true };
  }
  if (ok) {
    return body && /^text\/event-stream\b/i.test(headers.get('Content-Type') ?? '')
      ? undefined
      : end('NOT_AN_EVENT_STREAM', { final: true });
  }
  // A token may be too old. If the next one is no better, none will be.
  if (status === 401 && typeof options.headers === 'function' && life.error?.status !== 401) {
    return end('HTTP_STATUS', { delayMs: 0 });
  }
  return end('HTTP_STATUS', {
    final: status < 500 && ![408, 425, 429].includes(status),
    delayMs: retryAfterMs(headers.get('Retry-After')) + delayBefore(0, undefined, options),
  });
}
