import { TestEnvironment } from 'jest-environment-jsdom';

/** What a client needs of a browser, and jsdom has not, or not so that the others take it: Node.js has them all. */
const OF_NODE = [
  'fetch',
  'Headers',
  'Request',
  'Response',
  'ReadableStream',
  'TextDecoder',
  'TextEncoder',
  'Uint8Array',
  'AbortController',
  'AbortSignal',
];

/** A jsdom window with the network of Node.js, for components against real servers. */
export default class BrowserEnvironment extends TestEnvironment {
  constructor(config, context) {
    super(config, context);
    for (const name of OF_NODE) {
      this.global[name] = globalThis[name];
    }
    takeSignalsOfNode(this.global);
  }

  /** Modules as Node.js reads them: a browser's are for bundlers. */
  exportConditions() {
    return ['node', 'node-addons'];
  }
}

/** jsdom's window takes no signal but its own. */
function takeSignalsOfNode(window) {
  const { addEventListener } = window;
  window.addEventListener = (type, listener, options) => {
    const signal = options?.signal;
    if (!(signal instanceof AbortSignal)) {
      addEventListener.call(window, type, listener, options);
    } else if (!signal.aborted) {
      addEventListener.call(window, type, listener);
      signal.addEventListener('abort', () => window.removeEventListener(type, listener));
    }
  };
}
