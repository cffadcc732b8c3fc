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
  }

  /** Modules as Node.js reads them: a browser's are for bundlers. */
  exportConditions() {
    return ['node', 'node-addons'];
  }
}
