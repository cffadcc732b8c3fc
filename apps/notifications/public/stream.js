import { refusalOf } from './api.js';

const URL_OF_STREAM = '/notifications/stream';
const FIRST_DELAY_MS = 1_000;
const LONGEST_DELAY_MS = 30_000;
const TOO_MANY_REQUESTS = 429;

/**
 * The live connection. A native EventSource reconnects and resumes by itself; what it can't do is done here: it gives up for
 * good when an answer is not 200 (signed out, too many connections, a proxy's 502), and then the stream is opened anew from
 * the last event id, later each time.
 *
 * It carries the node's figures as well where they are asked for: a browser has few connections to spare.
 *
 * Handlers: `onState(state)` with connecting, live, reconnecting, refused or offline; `onConnected(resumed)`, where a stream
 * that is not resumed begins now and knows nothing of what was before; `onNotification(notification)`;
 * `onNode(name)`, where there are several, the one that serves this stream; `onFigures(figures)`; `onGap()` when events were missed for good; `onRefused(limit)` when a limit is reached and it tries
 * again later; `onSignedOut()`.
 */
export class NotificationStream {
  #handlers;
  #source;
  #figures;
  #cursor = '';
  #retryTimer;
  #failures = 0;
  #closed = false;
  #listening = new AbortController();

  constructor(handlers, { figures }) {
    this.#handlers = handlers;
    this.#figures = figures;
    const { signal } = this.#listening;
    window.addEventListener('offline', () => this.#lost(), { signal });
    window.addEventListener('online', () => this.#open('reconnecting'), { signal });
    this.#open(navigator.onLine ? 'connecting' : 'offline');
  }

  close() {
    this.#closed = true;
    this.#listening.abort();
    clearTimeout(this.#retryTimer);
    this.#source?.close();
  }

  /** Doesn't wait any longer for the moment to come back. */
  tryAgain() {
    this.#failures = 0;
    this.#open('reconnecting');
  }

  /** Asks for the node's figures, or no longer; what an EventSource asks for can't be changed while it is open. */
  wantFigures(wanted) {
    this.#figures = wanted;
    this.#open();
  }

  get #path() {
    const query = new URLSearchParams();
    if (this.#cursor !== '') {
      query.set('lastEventId', this.#cursor);
    }
    if (this.#figures) {
      query.set('figures', 'node');
    }
    return query.size === 0 ? URL_OF_STREAM : `${URL_OF_STREAM}?${query}`;
  }

  /** @param state what to say meanwhile; nothing if it is only for a moment */
  #open(state) {
    clearTimeout(this.#retryTimer);
    this.#source?.close();
    if (state !== undefined) {
      this.#handlers.onState(state);
    }
    let resumed = this.#cursor !== '';
    const source = new EventSource(this.#path);
    this.#source = source;
    source.addEventListener('sse:connected', (event) => {
      this.#failures = 0;
      this.#follow(event);
      this.#handlers.onState('live');
      this.#handlers.onConnected(resumed);
      // From here on this EventSource has an id of its own to come back with.
      resumed = true;
    });
    source.addEventListener('sse:gap', (event) => {
      this.#follow(event);
      this.#handlers.onGap();
    });
    source.addEventListener('notification.created', (event) => {
      this.#follow(event);
      this.#handlers.onNotification(JSON.parse(event.data));
    });
    source.addEventListener('node.serving', (event) => this.#handlers.onNode(JSON.parse(event.data).name));
    source.addEventListener('node.figures', (event) => this.#handlers.onFigures(JSON.parse(event.data)));
    source.addEventListener('sse:goodbye', (event) => {
      // Nobody waits to be told that the session is over, as a native reconnect would.
      if (JSON.parse(event.data).reason === 'revoked') {
        source.close();
        this.#lost();
        void this.#reopenLater(source);
      }
    });
    source.addEventListener('error', () => {
      this.#lost();
      if (source.readyState === EventSource.CLOSED) {
        void this.#reopenLater(source);
      }
    });
  }

  #follow(event) {
    this.#cursor = event.lastEventId || this.#cursor;
  }

  #lost() {
    this.#handlers.onState(navigator.onLine ? 'reconnecting' : 'offline');
  }

  async #reopenLater(source) {
    const { status, limit, retryAfterMs } = await refusalOf(this.#path);
    if (this.#closed || this.#source !== source) {
      return;
    }
    if (status === 401) {
      this.#handlers.onSignedOut();
      return;
    }
    if (status === TOO_MANY_REQUESTS) {
      this.#handlers.onState('refused');
      this.#handlers.onRefused(limit);
    }
    const longest = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** this.#failures++);
    // Half of it is chance, so that the pages of many people don't come back at once.
    const delay = Math.max(Math.min(retryAfterMs, LONGEST_DELAY_MS), longest * (0.5 + Math.random() / 2));
    this.#retryTimer = setTimeout(() => this.#open('reconnecting'), delay);
  }
}
