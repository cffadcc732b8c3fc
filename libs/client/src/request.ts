import { LAST_EVENT_ID, headerOfId } from './last-event-id.js';
import type { Life } from './life.js';
import { type PerAttempt, type SseAttempt, invalid } from './options.js';
import { SseClientError } from './sse-client-error.js';
import type { SourceContext } from './source.js';

/**
 * What `fetch()` is to be called with. Its errors hold nothing that a request keeps secret: no header, no body, no URL,
 * whose query may be a ticket; so they have no cause but what the application itself has thrown.
 *
 * @throws SseClientError `INVALID_OPTION`, `REQUEST_FAILED`
 */
export async function requestOf(
  { options, cursor }: SourceContext,
  { waitS, failures, error }: Life,
  signal: AbortSignal,
): Promise<[url: string, init: RequestInit]> {
  const { method, credentials } = options;
  const attempted: SseAttempt = { number: failures, lastEventId: cursor.id, error };
  const url = absolute(options.url);
  let given: RequestInit['headers'];
  let body: RequestInit['body'];
  try {
    given = await valueOf(options.headers, attempted);
    body = await valueOf(options.body, attempted);
  } catch (cause) {
    throw new SseClientError('REQUEST_FAILED', 'headers or body threw.', { cause });
  }
  const headers = headersOf(given);
  headers.set('Accept', 'text/event-stream');
  if (cursor.id) {
    headers.set(LAST_EVENT_ID, headerOfId(cursor.id));
  }
  if (waitS !== undefined) {
    headers.set('Prefer', `wait=${waitS}`);
  }
  const init = { method, headers, body, credentials, cache: 'no-store', signal } as const;
  // [spec] Fetch 5.4: a body that is a stream has to be announced as sent before the answer.
  return [url, body ? { ...init, ...{ duplex: 'half' } } : init];
}

function valueOf<T>(given: PerAttempt<T> | undefined, attempted: SseAttempt): T | Promise<T> | undefined {
  return typeof given === 'function' ? (given as (attempted: SseAttempt) => T)(attempted) : given;
}

/** On a server there is no page that a URL could be relative to: there it has to be absolute, once it is opened. */
function absolute(given: string): string {
  try {
    const url = new URL(given, globalThis.document?.baseURI ?? globalThis.location?.href);
    if (!url.username && !url.password) {
      return url.href;
    }
  } catch {
    // As bad as one with a password, which fetch() refuses.
  }
  throw invalid('The URL is not absolute, no URL, or has a password.');
}

function headersOf(given: RequestInit['headers']): Headers {
  try {
    return new Headers(given);
  } catch {
    throw new SseClientError('REQUEST_FAILED', 'A header has a name or value that it may not have.');
  }
}
