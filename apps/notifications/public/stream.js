import { currentSession } from './api.js';

const URL_OF_STREAM = '/notifications/stream';
const FIRST_DELAY_MS = 1_000;
const LONGEST_DELAY_MS = 30_000;

/**
 * The live connection. A native EventSource reconnects and resumes by itself; what it can't do is done here: it gives up for
 * good when an answer is not 200 (signed out, too many connections, a proxy's 502), and then the stream is opened anew from
 * the last event id, later each time.
 *
 * Handlers: `onState(state)` with connecting, live, reconnecting or offline; `onConnected(resumed)`, where a stream that is
 * not resumed begins now and knows nothing of what was before; `onNotification(notification)`; `onGap()` when events were
 * missed for good; `onSignedOut()`.
 */
export class NotificationStream {
  #handlers;
  #source;
  #cursor = '';
  #retryTimer;
  #failures = 0;
  #closed = false;
  #listening = new AbortController();

  constructor(handlers) {
    this.#handlers = handlers;
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

  #open(state) {
    clearTimeout(this.#retryTimer);
    this.#source?.close();
    this.#handlers.onState(state);
    const query = this.#cursor === '' ? '' : `?lastEventId=${encodeURIComponent(this.#cursor)}`;
    let resumed = query !== '';
    const source = new EventSource(URL_OF_STREAM + query);
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
    const signedOut = await currentSession().then(
      () => false,
      (error) => error.status === 401,
    );
    if (this.#closed || this.#source !== source) {
      return;
    }
    if (signedOut) {
      this.#handlers.onSignedOut();
      return;
    }
    const longest = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** this.#failures++);
    // Half of it is chance, so that the pages of many people don't come back at once.
    this.#retryTimer = setTimeout(() => this.#open('reconnecting'), longest * (0.5 + Math.random() / 2));
  }
}
