import { delayBefore, retryAfterMs } from './backoff.js';
import type { End, Life } from './life.js';
import type { ResolvedOptions } from './options.js';
import { SseClientError } from './sse-client-error.js';

/** What to do about a response that is no stream; `undefined`: it is one. */
export function refusalOf(
  { status, headers, ok, body }: Response,
  options: ResolvedOptions,
  life: Life,
): End | undefined {
  if (status === 204 || status === 205) {
    return { final: true };
  }
  if (!ok) {
    const afterMs = retryAfterMs(headers.get('Retry-After'));
    // A token may be too old. If the next one is no better, none will be.
    const renewed = status === 401 && typeof options.headers === 'function' && life.error?.status !== 401;
    return {
      error: new SseClientError('HTTP_STATUS', status, { status }),
      final: !renewed && status < 500 && ![408, 425, 429].includes(status),
      delayMs: renewed ? 0 : afterMs === undefined ? undefined : afterMs + delayBefore(0, undefined, options),
    };
  }
  if (body && /^text\/event-stream *(;|$)/i.test(headers.get('Content-Type') ?? '')) return undefined;
  return { error: new SseClientError('NOT_AN_EVENT_STREAM', status, { status }), final: true };
}
