import { isEventStream } from '../content-type.js';
import { eventStreamReader } from '../event-stream.js';
import { LAST_EVENT_ID, headerOfId } from '../last-event-id.js';
import { SseClientError } from '../sse-client-error.js';
import type { Handler, SomeHandler, TypedEventTarget } from './event-source-events.js';
import type { EventSourceInit } from './event-source-init.js';
import { type Tasks, createTasks } from './tasks.js';

const STATES = { CONNECTING: 0, OPEN: 1, CLOSED: 2 } as const;
const { CONNECTING, OPEN, CLOSED } = STATES;
/** The reconnection time until the server tells one; milliseconds. Browsers have 3 to 5 s. */
const RECONNECTION_TIME_MS = 3_000;
/** Characters. A browser has no limit but its memory. */
const MAX_EVENT_LENGTH = 2 ** 24;

const Target = EventTarget as unknown as new () => TypedEventTarget<EventSource>;

/**
 * The EventSource of [WHATWG HTML 9.2](https://html.spec.whatwg.org/multipage/server-sent-events.html) over `fetch()`, for
 * places that have none and for requests that need headers, another method, or a body.
 *
 * Where it can't be like a browser's own: its events aren't trusted; what CORS refuses is a network error to it, and is
 * tried again; a server of another origin must allow the header `Last-Event-ID`.
 */
export class EventSource extends Target {
  declare static readonly CONNECTING: 0;
  declare static readonly OPEN: 1;
  declare static readonly CLOSED: 2;
  declare readonly CONNECTING: 0;
  declare readonly OPEN: 1;
  declare readonly CLOSED: 2;

  readonly #url: string;
  readonly #init: EventSourceInit;
  readonly #method: string;
  readonly #headers: Headers;
  readonly #withCredentials: boolean;
  readonly #handlers = new Map<string, object>();
  #readyState: number = CONNECTING;
  #requestUrl: string;
  #lastEventId = '';
  #reconnectionTimeMs = RECONNECTION_TIME_MS;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #controller = new AbortController();

  /**
   * Connects at once.
   *
   * @param url resolved against the document's base URL; in Node.js it must be absolute
   * @throws DOMException `SyntaxError` if the URL is none
   * @throws TypeError if the arguments are none, or `fetch()` would not take them: a URL with a password in it, a GET with a body
   */
  constructor(url: string | URL, init: EventSourceInit | null = {}) {
    super();
    const given: EventSourceInit = init ?? {};
    // [spec] Web IDL: an argument that is not optional, and a dictionary.
    if (arguments.length === 0 || Object(given) !== given) {
      throw new TypeError('An EventSource is made with a URL, and an object of options.');
    }
    this.#url = this.#requestUrl = absolute(`${url}`);
    this.#init = given;
    const { method, headers, body, withCredentials } = given;
    // Refused now rather than again and again.
    this.#method = new Request(this.#url, { method, headers, body }).method;
    this.#headers = new Headers(headers);
    this.#headers.set('Accept', 'text/event-stream');
    this.#withCredentials = Boolean(withCredentials);
    void this.#connect();
  }

  /** Absolute; the same whatever the server redirects to. */
  get url(): string {
    return this.#url;
  }

  get withCredentials(): boolean {
    return this.#withCredentials;
  }

  /** `CONNECTING` (0), `OPEN` (1) or `CLOSED` (2). */
  get readyState(): number {
    return this.#readyState;
  }

  get onopen(): SomeHandler {
    return this.#handlerOf('open');
  }

  set onopen(handler: Handler<EventSource, 'open'>) {
    this.#setHandler('open', handler);
  }

  get onmessage(): SomeHandler {
    return this.#handlerOf('message');
  }

  set onmessage(handler: Handler<EventSource, 'message'>) {
    this.#setHandler('message', handler);
  }

  get onerror(): SomeHandler {
    return this.#handlerOf('error');
  }

  set onerror(handler: Handler<EventSource, 'error'>) {
    this.#setHandler('error', handler);
  }

  /** Ends it for good; nothing is dispatched any more. */
  close(): void {
    this.#readyState = CLOSED;
    this.#controller.abort();
    clearTimeout(this.#timer);
  }

  #handlerOf(type: string): SomeHandler {
    return (this.#handlers.get(type) ?? null) as SomeHandler;
  }

  /**
   * [spec] HTML 8.1.8.1: the first one takes its place among the listeners, one that replaces it keeps that; any object
   * will do (LegacyTreatNonObjectAsNull), but only a function is called.
   */
  #setHandler(type: string, handler: unknown): void {
    if ((typeof handler === 'object' && handler) || typeof handler === 'function') {
      this.#handlers.set(type, handler);
      this.addEventListener(type, this.#callHandler);
    } else {
      this.#handlers.delete(type);
      this.removeEventListener(type, this.#callHandler);
    }
  }

  readonly #callHandler = (event: Event): void => {
    const handler = this.#handlers.get(event.type);
    if (typeof handler === 'function' && handler.call(this, event) === false) {
      event.preventDefault();
    }
  };

  /** [spec] 9.2.2, constructor, step 15, and 9.2.3. Each event is dispatched by a task of its own. */
  async #connect(): Promise<void> {
    this.#controller = new AbortController();
    const tasks = createTasks();
    let failure: SseClientError | undefined;
    try {
      const { signal } = this.#controller;
      const response = await this.#fetch();
      const reader = (response.body ?? new Blob().stream()).getReader();
      // For a fetch function that knows no signals; of others it has failed already, for the same reason.
      const letGo = (): void => void reader.cancel().catch(() => undefined);
      signal.addEventListener('abort', letGo);
      if (signal.aborted) {
        letGo();
      }
      failure = refusalOf(response);
      if (!failure) {
        await tasks.next();
        this.#announce();
        await this.#interpret(reader, response.url, tasks);
      }
    } catch (error) {
      failure =
        error instanceof SseClientError ? error : new SseClientError('NETWORK', undefined, { cause: error });
    }
    await tasks.next();
    tasks.close();
    this.#end(failure ?? new SseClientError('NETWORK', 'the stream has ended'));
  }

  async #fetch(): Promise<Response> {
    const { body, fetch = globalThis.fetch } = this.#init;
    const headers = new Headers(this.#headers);
    if (this.#lastEventId !== '') {
      headers.set(LAST_EVENT_ID, headerOfId(this.#lastEventId));
    }
    return fetch(this.#requestUrl, {
      method: this.#method,
      body,
      // Of the simplest form, for a fetch function that adds to them.
      headers: Object.fromEntries(headers),
      mode: 'cors',
      credentials: this.#withCredentials ? 'include' : 'same-origin',
      cache: 'no-store',
      redirect: 'follow',
      signal: this.#controller.signal,
    });
  }

  /** [spec] "announce the connection". */
  #announce(): void {
    if (this.#readyState !== CLOSED) {
      this.#readyState = OPEN;
      this.dispatchEvent(new Event('open'));
    }
  }

  /** [spec] 9.2.6. */
  async #interpret(
    reader: ReadableStreamDefaultReader<Uint8Array>,
    url: string,
    tasks: Tasks,
  ): Promise<void> {
    const { headers, method, body: sent, fetch, maxEventLength = MAX_EVENT_LENGTH } = this.#init;
    // [spec] A request keeps the URL that it was redirected to, and so does one that is made again. Not where it may carry
    // secrets, or a body, that are meant for the first one.
    if (!(headers || method || sent || fetch)) {
      this.#requestUrl = url;
    }
    const { origin } = new URL(url || this.#url);
    const events: MessageEvent<string>[] = [];
    const read = eventStreamReader(
      {
        // [spec] By the text each stream begins without a last event id. As in browsers the last one stays: an event
        // without an id must not lose the place.
        onBlock: ({ id = this.#lastEventId, type, data }) => {
          this.#lastEventId = id;
          if (data !== undefined) {
            events.push(new MessageEvent(type, { data, origin, lastEventId: id }));
          }
        },
        onRetry: (ms) => (this.#reconnectionTimeMs = ms),
      },
      maxEventLength,
    );
    const dispatch = async (): Promise<void> => {
      for (const event of events.splice(0)) {
        await tasks.next();
        if (this.#readyState === CLOSED) {
          return;
        }
        this.dispatchEvent(event);
      }
    };
    for (let chunk = await reader.read(); !chunk.done; chunk = await reader.read()) {
      try {
        read(chunk.value);
      } finally {
        await dispatch();
      }
    }
  }

  /** [spec] "reestablish the connection" after a network error or an end, and "fail the connection" after all else. */
  #end(error: SseClientError): void {
    if (this.#readyState === CLOSED) {
      return;
    }
    if (error.code === 'NETWORK') {
      this.#readyState = CONNECTING;
      this.#timer = setTimeout(() => void this.#connect(), this.#reconnectionTimeMs);
    } else {
      this.close();
    }
    this.dispatchEvent(Object.assign(new Event('error'), { error }));
  }
}

function absolute(url: string): string {
  const { document, location } = globalThis as Partial<typeof globalThis>;
  try {
    return new URL(url, document?.baseURI ?? location?.href).href;
  } catch {
    throw new DOMException('The URL is none.', 'SyntaxError');
  }
}

function refusalOf(response: Response): SseClientError | undefined {
  const { status } = response;
  if (status !== 200) {
    return new SseClientError('HTTP_STATUS', status, { status });
  }
  return isEventStream(response) ? undefined : new SseClientError('NOT_AN_EVENT_STREAM', status, { status });
}

/** [spec] Web IDL: constants on the class and its prototype, attributes and operations that can be enumerated. */
function defineInterface(): void {
  const { prototype } = EventSource;
  for (const [name, value] of Object.entries(STATES)) {
    Object.defineProperty(EventSource, name, { value, enumerable: true });
    Object.defineProperty(prototype, name, { value, enumerable: true });
  }
  for (const name of ['url', 'withCredentials', 'readyState', 'onopen', 'onmessage', 'onerror', 'close']) {
    Object.defineProperty(prototype, name, { enumerable: true });
  }
  Object.defineProperty(prototype, Symbol.toStringTag, { value: 'EventSource', configurable: true });
}

defineInterface();
