import { delayBefore, retryAfterMs } from './backoff.js';
import type { End, Life } from './life.js';
import type { ResolvedOptions } from './options.js';
import { SseClientError, type SseClientErrorCode } from './sse-client-error.js';

/** What to do about a response that is no stream; `undefined`: it is one. */
export function refusalOf(
  { status, headers, ok }: Response,
  options: ResolvedOptions,
  life: Life,
): End | undefined {
  if (status === 204 || status === 205) {
    return { final: true };
  }
  const refusal = (code: SseClientErrorCode, rest: End): End => ({
    error: new SseClientError(code, `The answer was ${status}.`, { status }),
    ...rest,
  });
  if (ok) {
    return /^text\/event-stream\s*(;|$)/i.test(headers.get('Content-Type') ?? '')
      ? undefined
      : refusal('NOT_AN_EVENT_STREAM', { final: true });
  }
  // A token may have become too old; one that is new will not be better the next time.
  if (status === 401 && typeof options.headers === 'function' && life.error?.status !== 401) {
    return refusal('HTTP_STATUS', { delayMs: 0 });
  }
  const afterMs = retryAfterMs(headers.get('Retry-After'));
  return refusal('HTTP_STATUS', {
    final: status < 500 && ![408, 425, 429].includes(status),
    delayMs: afterMs === undefined ? undefined : afterMs + delayBefore(0, undefined, options.backoff),
  });
}
