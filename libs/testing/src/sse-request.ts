import { request as httpRequest, type OutgoingHttpHeaders } from 'node:http';
import { DEFAULT_TIMEOUT_MS } from './condition.js';
import { SseStream } from './sse-stream.js';

export interface SseRequestOptions {
  /** Default: `POST` with a body, `GET` without. */
  readonly method?: string;
  /** Added to `Accept: text/event-stream` and `Connection: keep-alive`; `undefined` takes a default away. */
  readonly headers?: OutgoingHttpHeaders;
  /** A string goes out as it is, anything else as JSON. */
  readonly body?: string | object;
  /** Sent as `Last-Event-ID`, if not empty. */
  readonly lastEventId?: string;
  /** Aborts the request, or the stream if it is open already. */
  readonly signal?: AbortSignal;
  /** How long the stream's waits take at most; default 4,000. */
  readonly timeoutMs?: number;
}

/**
 * Sends a request over a connection of its own and resolves when the response's headers are in, whatever its status.
 * Rejects when there is no response: refused, cut, aborted.
 */
export function openSse(url: string | URL, options: SseRequestOptions = {}): Promise<SseStream> {
  const { body, lastEventId = '', timeoutMs = DEFAULT_TIMEOUT_MS } = options;
  return new Promise((resolve, reject) => {
    const request = httpRequest(url, {
      method: options.method ?? (body === undefined ? 'GET' : 'POST'),
      agent: false,
      headers: headersOf(options),
      ...(options.signal && { signal: options.signal }),
    });
    // Once there is a response its own error and close events tell what goes wrong, and this reject changes nothing.
    request.on('error', (cause) =>
      reject(new Error(`No response from ${String(url)}: ${cause.message}`, { cause })),
    );
    request.once('response', (response) => {
      try {
        resolve(new SseStream(response, { lastEventId, timeoutMs }));
      } catch (error) {
        reject(error);
        response.destroy();
      }
    });
    request.end(typeof body === 'object' ? JSON.stringify(body) : body);
  });
}

function headersOf({ headers = {}, body, lastEventId }: SseRequestOptions): OutgoingHttpHeaders {
  const merged: OutgoingHttpHeaders = {
    accept: 'text/event-stream',
    // Without it Node would ask for `Connection: close`, which no browser does and to which servers answer otherwise.
    connection: 'keep-alive',
    ...(typeof body === 'object' && { 'content-type': 'application/json' }),
    ...(lastEventId && { 'last-event-id': lastEventId }),
  };
  for (const [name, value] of Object.entries(headers)) {
    merged[name.toLowerCase()] = value;
  }
  return Object.fromEntries(Object.entries(merged).filter(([, value]) => value !== undefined));
}
