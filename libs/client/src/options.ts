import type { BackoffOptions } from './backoff.js';
import type { GapData } from './events.js';
import { SseClientError } from './sse-client-error.js';

/** The longest delay of a timer. */
const MAX_DELAY_MS = 2 ** 31 - 1;

/** What is known when a request is about to be made. */
export interface SseAttempt {
  /** Failed attempts in a row before it. */
  readonly number: number;
  readonly lastEventId: string;
  /** What the last one has failed with. */
  readonly error: SseClientError | undefined;
}

/** A value, or what makes one for each attempt, so that tokens are fresh. */
export type PerAttempt<T> = T | ((attempt: SseAttempt) => T | Promise<T>);

export interface SseClientOptions {
  /** Default `GET`. */
  readonly method?: string;
  readonly headers?: PerAttempt<HeadersInit>;
  readonly body?: PerAttempt<BodyInit>;
  /** Default `same-origin`, as with `fetch()`. */
  readonly credentials?: RequestCredentials;
  /** In place of the global one. */
  readonly fetch?: typeof fetch;
  /** What becomes of an event's text; default {@link parseData}. What it throws is told as `INVALID_DATA`. */
  readonly parse?: (text: string, type: string) => unknown;
  /** Events are gone: refetch what you show. */
  readonly onGap?: (gap: GapData) => void;
  readonly backoff?: BackoffOptions;
  /** The longest that the server is quiet; milliseconds, 0: for ever. Default: what the server tells. After 2.5 times that the client reconnects. */
  readonly heartbeatMs?: number;
  /** How long the first bytes may take; milliseconds, default 10,000. After two such attempts it is polled, where the server can be. */
  readonly openTimeoutMs?: number;
  /** The longest event, or line; characters, default 1,048,576. */
  readonly maxEventLength?: number;
  /** Default `auto`: a stream, and polling where streaming is blocked. */
  readonly transport?: 'auto' | 'stream' | 'poll';
  /** Keep the last event id in the tab's session storage, so that a page that is loaded anew goes on; default false. */
  readonly persist?: boolean;
  /** One connection for all tabs of the browser; default false. */
  readonly shared?: boolean;
  /** Tabs with the same one share, and so do page loads with `persist`; default: the URL. Put in who is signed in where that may change. */
  readonly name?: string;
  /** Close while the page is hidden; default false. */
  readonly pauseWhenHidden?: boolean;
  /** Wait for `open()`; default false. */
  readonly manual?: boolean;
}

export type ResolvedOptions = ReturnType<typeof resolveOptions>;

/** @throws SseClientError `INVALID_OPTION` */
export function resolveOptions(url: string | URL, options: SseClientOptions) {
  const { baseMs = 1_000, maxMs = 30_000, maxAttempts = Infinity } = options.backoff ?? {};
  const { openTimeoutMs = 10_000, maxEventLength = 2 ** 20, heartbeatMs } = options;
  const limits = { baseMs, maxMs, openTimeoutMs, heartbeatMs: heartbeatMs ?? 0, maxEventLength };
  for (const [name, value] of Object.entries(limits)) {
    if (!(value >= 0 && value <= MAX_DELAY_MS)) {
      throw new SseClientError('INVALID_OPTION', `${name} must be from 0 to ${MAX_DELAY_MS}; got ${value}.`);
    }
  }
  if (!(maxAttempts >= 0)) {
    throw new SseClientError('INVALID_OPTION', `maxAttempts must be 0 or more; got ${maxAttempts}.`);
  }
  return {
    ...options,
    url: String(url),
    name: `nestcast:${options.name ?? url}`,
    backoff: { baseMs, maxMs, maxAttempts },
    openTimeoutMs,
    maxEventLength,
    heartbeatMs,
    transport: options.transport ?? 'auto',
  };
}

/** JSON where it is JSON, else the text itself: what the server has been given. A text that looks like JSON can't be told from it: for such types give a `parse` of your own. */
export function parseData(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
