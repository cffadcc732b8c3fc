import { LAST_EVENT_ID, headerOfId } from './last-event-id.js';
import type { Life } from './life.js';
import type { PerAttempt, SseAttempt } from './options.js';
import { SseClientError } from './sse-client-error.js';
import type { SourceContext } from './source.js';

/**
 * What `fetch()` is to be called with.
 *
 * @throws SseClientError `REQUEST_FAILED`: the application's function has thrown; `INVALID_OPTION`: it is no request
 */
export async function requestOf(
  { options, cursor }: SourceContext,
  { waitS, failures, error }: Life,
): Promise<RequestInit> {
  const { method, credentials } = options;
  const attempted: SseAttempt = { number: failures, lastEventId: cursor.id, error };
  let given: RequestInit['headers'];
  let body: RequestInit['body'];
  try {
    given = await valueOf(options.headers, attempted);
    body = await valueOf(options.body, attempted);
  } catch (cause) {
    throw new SseClientError('REQUEST_FAILED', undefined, { cause });
  }
  try {
    const headers = new Headers(given);
    headers.set('Accept', 'text/event-stream');
    if (cursor.id) {
      headers.set(LAST_EVENT_ID, headerOfId(cursor.id));
    }
    if (waitS !== undefined) {
      headers.set('Prefer', `wait=${waitS}`);
    }
    const init = { method, credentials, headers, body, duplex: 'half', cache: 'no-store' } as const;
    // What would never be a request is no failure of the network, which is tried again.
    void new Request(options.url, init);
    return init;
  } catch {
    // Without its cause, which quotes what is wrong: a header, or the URL.
    throw new SseClientError('INVALID_OPTION');
  }
}

function valueOf<T>(given: PerAttempt<T> | undefined, attempted: SseAttempt): T | Promise<T> | undefined {
  return typeof given === 'function' ? (given as (attempted: SseAttempt) => T)(attempted) : given;
}
