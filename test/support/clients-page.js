import { fetchEventSource } from '@microsoft/fetch-event-source';
import { SSE } from 'sse.js';

/**
 * The clients of others in a browser, each set up as docs/wire.md says; `bare` is without that. What they meet is in `seen`.
 */

const CONTROL = ['sse:connected', 'sse:gap', 'sse:heartbeat', 'sse:goodbye'];

const seen = { data: [], control: [], blanks: 0, statuses: [], stopped: false };

function take(type, data) {
  if (CONTROL.includes(type)) {
    seen.control.push(type);
  } else {
    seen.data.push(data);
  }
}

function native(url) {
  const source = new EventSource(url);
  for (const type of ['message', ...CONTROL]) {
    source.addEventListener(type, ({ data }) => take(type, data));
  }
  source.addEventListener('error', () => {
    seen.stopped = source.readyState === EventSource.CLOSED;
  });
}

/** Says that it is over. */
class Stopped extends Error {}

const rules = {
  async onopen({ status, headers }) {
    seen.statuses.push(status);
    if (status === 204) {
      throw new Stopped();
    }
    if (!headers.get('content-type')?.startsWith('text/event-stream')) {
      throw new Error(`The stream was refused: ${status}`);
    }
  },
  onclose() {
    throw new Error('The server has ended the stream.');
  },
  onerror(error) {
    if (error instanceof Stopped) {
      throw error;
    }
  },
};

function stop() {
  seen.stopped = true;
}

function fetching(url, { bare, ...request }) {
  fetchEventSource(url, {
    ...request,
    openWhenHidden: true,
    onmessage({ event, data }) {
      if (data === '') {
        seen.blanks += 1;
      } else {
        take(event, data);
      }
    },
    ...(bare ? {} : rules),
  }).then(stop, stop);
}

function xhr(url, { bare, body, ...request }) {
  const source = new SSE(url, { ...request, payload: body, autoReconnect: true });
  for (const type of ['message', ...CONTROL]) {
    source.addEventListener(type, ({ data }) => take(type, data));
  }
  source.addEventListener('open', ({ responseCode }) => {
    seen.statuses.push(responseCode);
    if (responseCode === 204 && !bare) {
      source.close();
    }
  });
  source.addEventListener('readystatechange', () => {
    // Its readyState is OPEN again once a stream has been closed as it opened.
    seen.stopped = !source.xhr && !source.autoReconnect;
  });
}

Object.assign(globalThis, {
  seen,
  clients: { EventSource: native, 'fetch-event-source': fetching, 'sse.js': xhr },
});
