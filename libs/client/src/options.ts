import type { BackoffOptions } from './backoff.js';
import type { GapData } from './events.js';
import { SseClientError } from './sse-client-error.js';

/** The longest delay of a timer, 24.8 days; what servers ask for counts up to it. */
export const MAX_DELAY_MS = 2 ** 31 - 1;

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
  /** What a function throws counts as a failed attempt, `REQUEST_FAILED`. `Accept`, `Last-Event-ID` and `Prefer` are the client's. */
  readonly headers?: PerAttempt<RequestInit['headers']>;
  /** With a method that has one. A stream can be sent once: give a function that makes one for each attempt. */
  readonly body?: PerAttempt<RequestInit['body']>;
  /** Default `same-origin`, as with `fetch()`. */
  readonly credentials?: RequestInit['credentials'];
  /** In place of the global one. */
  readonly fetch?: (url: string, init: RequestInit) => Promise<Response>;
  /** What becomes of an event's text; default: JSON where it is JSON, else the text itself. What it throws is told as `INVALID_DATA`. */
  readonly parse?: (text: string, type: string) => unknown;
  /** Events are gone: refetch what you show. */
  readonly onGap?: (gap: GapData) => void;
  readonly backoff?: BackoffOptions;
  /** The longest that the server is quiet; milliseconds, 0: for ever. Default: what the server tells. After 2.5 times that the client reconnects. */
  readonly heartbeatMs?: number;
  /** How long the first bytes may take; milliseconds, 0: for ever, default 10,000. After two such attempts it polls, where the server can be polled. */
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

const defaults = {
  baseMs: 1_000,
  maxMs: 30_000,
  maxAttempts: Infinity,
  openTimeoutMs: 10_000,
  maxEventLength: 2 ** 20,
  heartbeatMs: undefined,
};

export type ResolvedOptions = SseClientOptions &
  Required<BackoffOptions & Pick<SseClientOptions, 'openTimeoutMs' | 'maxEventLength' | 'name'>> & {
    readonly url: string;
  };

/** @throws SseClientError `INVALID_OPTION` */
export function resolveOptions(url: string | URL, options: SseClientOptions): ResolvedOptions {
  const resolved: Record<string, unknown> = { ...options, ...options.backoff };
  for (const [name, fallback] of Object.entries(defaults)) {
    const value = (resolved[name] ??= fallback);
    if (value !== undefined && !((value as number) >= 0)) {
      throw new SseClientError('INVALID_OPTION', `${name} is ${value as number}`);
    }
  }
  let absolute = url;
  try {
    // On another page a relative URL is another.
    absolute = new URL(url, document.baseURI);
  } catch {
    // There is no page, or it is no URL, which is for the request to say.
  }
  return { ...resolved, url: String(url), name: `nestcast:${options.name ?? absolute}` } as ResolvedOptions;
}

/** JSON where it is JSON, else the text itself: what the server has been given. A text that looks like JSON can't be told from it: for such types give a `parse` of your own. */
export function parseData(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
