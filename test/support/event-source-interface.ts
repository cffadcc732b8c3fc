import type { EventSourceClass } from './event-source-record.js';

/** As JavaScript sees it, without types. */
type Untyped = EventSourceClass & Record<string, unknown>;
type Source = InstanceType<EventSourceClass> & Record<string, unknown>;

/** What is asked of a class EventSource, and what the standard answers. */
export interface InterfaceCase {
  readonly name: string;
  /** `url`: of a stream of two events that is then open; another one for each run. */
  readonly ask: (Class: Untyped, url: string) => unknown;
  readonly answer: unknown;
  /** What a browser's own answers, where it differs. */
  readonly native?: unknown;
  /** Makes sense only in a page. */
  readonly browser?: true;
}

const NAMES = ['url', 'withCredentials', 'readyState', 'onopen', 'onmessage', 'onerror', 'close'];
const STATES = ['CONNECTING', 'OPEN', 'CLOSED'];

/** What a function throws. */
function thrown(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    const { name, code } = error as DOMException;
    return [name, code];
  }
}

/** What is read from an EventSource that is closed then. */
function asked<T>(Class: Untyped, args: unknown[], read: (source: Source) => T): T {
  const source = new Class(...(args as [string])) as Source;
  const value = read(source);
  source.close();
  return value;
}

const nextEvent = (source: Source, type: string): Promise<MessageEvent> =>
  new Promise((resolve) => source.addEventListener(type, (event) => resolve(event as MessageEvent)));

const classCases: InterfaceCase[] = [
  {
    name: 'has constants on the class and on instances, which nobody can change',
    ask: (Class) =>
      [Class, Class.prototype as object].map((target) =>
        STATES.map((name) => Object.values(Object.getOwnPropertyDescriptor(target, name) ?? {})),
      ),
    answer: [0, 1].map(() => [0, 1, 2].map((value) => [value, false, true, false])),
  },
  {
    name: 'has the attributes and operations of the interface, to be enumerated',
    ask: (Class) => Object.keys(Class.prototype as object).toSorted(),
    answer: [...NAMES, ...STATES].toSorted(),
  },
  {
    name: 'is an EventTarget by that name, with one argument',
    ask: (Class, url) =>
      asked(Class, [url], (source) => [
        Class.length,
        source[Symbol.toStringTag as never],
        source instanceof EventTarget,
      ]),
    answer: [1, 'EventSource', true],
  },
  {
    name: 'has attributes of its own instances only, that can be read only',
    ask: (Class, url) =>
      asked(Class, [url], (source) => [
        ...['url', 'readyState', 'withCredentials'].map((name) => Reflect.set(source, name, 1)),
        thrown(() => (Class.prototype as Source).readyState),
      ]),
    answer: [false, false, false, ['TypeError', undefined]],
  },
  {
    name: 'is made by new, with an argument, and a dictionary',
    ask: (Class, url) => [
      thrown(() => (Class as unknown as () => void)()),
      thrown(() => new (Class as unknown as new () => unknown)()),
      thrown(() => new Class(url, 1 as never)),
      thrown(() => new Class(Symbol('url') as never)),
    ],
    answer: Array.from({ length: 4 }, () => ['TypeError', undefined]),
  },
  {
    name: 'throws a SyntaxError for what is no URL',
    ask: (Class) =>
      ['http://', 'http://[1', 'http://localhost:99999'].map((url) => thrown(() => new Class(url))),
    answer: Array.from({ length: 3 }, () => ['SyntaxError', 12]),
  },
  {
    name: 'resolves its URL against that of the document',
    ask: (Class) => {
      const { document } = globalThis as unknown as { document: { head: { innerHTML: string } } };
      const before = document.head.innerHTML;
      document.head.innerHTML = '<base href="/base/">';
      const urls = ['a?b#c', '', '//127.0.0.1:1/a', undefined].map((url) =>
        asked(Class, [url], (source) => String(source['url']).replace(/^http:\/\/127.0.0.1:\d{2,}/, '')),
      );
      document.head.innerHTML = before;
      return urls;
    },
    answer: ['/base/a?b#c', '/base/', 'http://127.0.0.1:1/a', '/base/undefined'],
    browser: true,
  },
  {
    name: 'takes anything that turns into a URL',
    ask: (Class, url) =>
      [new URL(`${url}#a`), { toString: () => url }, `  ${url}\n`].map((given) =>
        asked(Class, [given], (source) => String(source['url']).replace(url, '')),
      ),
    answer: ['#a', '', ''],
  },
  {
    name: 'takes credentials for true or false',
    ask: (Class, url) =>
      [[], [undefined], [null], [{}], [{ withCredentials: 1 }], [{ withCredentials: '' }]].map((args) =>
        asked(Class, [url, ...args], (source) => source['withCredentials']),
      ),
    answer: [false, false, false, false, true, false],
  },
  {
    name: 'is connecting, then closed as often as one likes',
    ask: (Class, url) => {
      const source = new Class(url);
      return [source.readyState, source.close(), source.readyState, source.close(), source.readyState];
    },
    answer: [0, undefined, 2, undefined, 2].map((value) => value ?? null),
  },
];

const handlerCases: InterfaceCase[] = [
  {
    name: 'keeps functions and other objects as handlers, and makes null of the rest',
    ask: (Class, url) =>
      asked(Class, [url], (source) =>
        ['onopen', 'onmessage', 'onerror'].map((name) => [
          source[name],
          ...[() => 1, {}, 1, 'a', undefined, null, Symbol.iterator].map((given) => {
            source[name] = () => 0;
            source[name] = given;
            return source[name] === given ? 'kept' : source[name];
          }),
        ]),
      ),
    answer: Array.from({ length: 3 }, () => [null, 'kept', 'kept', null, null, null, 'kept', null]),
  },
  {
    name: 'calls a handler at the place where it was first set, until it is set to null',
    ask: (Class, url) =>
      asked(Class, [url], (source) => {
        const calls: string[] = [];
        const tell = () => {
          source.dispatchEvent(new Event('message'));
          calls.push('');
        };
        source['onmessage'] = () => calls.push('handler');
        source.addEventListener('message', () => calls.push('listener'));
        tell();
        source['onmessage'] = () => calls.push('replaced');
        tell();
        source['onmessage'] = {};
        tell();
        source['onmessage'] = null;
        tell();
        source['onmessage'] = () => calls.push('anew');
        tell();
        return calls.join(' ');
      }),
    answer: 'handler listener  replaced listener  listener  listener  listener anew ',
  },
  {
    name: 'calls a handler on itself, with the event, which false cancels',
    ask: (Class, url) =>
      asked(Class, [url], (source) => {
        const seen: unknown[] = [];
        source['onopen'] = function call(this: unknown, event: Event, ...more: unknown[]) {
          seen.push(this === source, event.currentTarget === source, event.target === source, more.length);
          return false;
        };
        return [source.dispatchEvent(new Event('open', { cancelable: true })), ...seen];
      }),
    answer: [false, true, true, true, 0],
  },
];

const eventCases: InterfaceCase[] = [
  {
    name: 'dispatches MessageEvents',
    ask: async (Class, url) => {
      const source = new Class(url) as Source;
      const event = await nextEvent(source, 'message');
      const { bubbles, cancelable, composed, source: from, ports, target } = event;
      source.close();
      return {
        type: event instanceof MessageEvent,
        bubbles,
        cancelable,
        composed,
        from,
        ports,
        target: target === source,
      };
    },
    answer: {
      type: true,
      bubbles: false,
      cancelable: false,
      composed: false,
      from: null,
      ports: [],
      target: true,
    },
  },
  {
    name: 'dispatches plain events for what is open',
    ask: async (Class, url) => {
      const source = new Class(url) as Source;
      const event = await nextEvent(source, 'open');
      const { bubbles, cancelable } = event;
      source.close();
      return [event.constructor === Event, bubbles, cancelable];
    },
    answer: [true, false, false],
  },
  {
    name: 'dispatches plain events for errors',
    ask: async (Class, url) => {
      const source = new Class(url.replace(/\d+$/, 'none')) as Source;
      const event = await nextEvent(source, 'error');
      const { bubbles, cancelable } = event;
      return [event.constructor === Event, bubbles, cancelable, source.readyState];
    },
    answer: [true, false, false, 2],
  },
  {
    name: 'is trusted in browsers alone',
    ask: async (Class, url) => {
      const source = new Class(url) as Source;
      const { isTrusted } = await nextEvent(source, 'message');
      source.close();
      return isTrusted;
    },
    answer: false,
    native: true,
  },
  {
    name: 'has a task for each event: what promises bring is through before the next one',
    ask: async (Class, url) => {
      const source = new Class(url) as Source;
      const calls: unknown[] = [];
      const tell = async ({ type, data = '' }: { type: string; data?: string }): Promise<void> => {
        calls.push(type + data);
        for (let turn = 0; turn < 20; turn += 1) {
          await Promise.resolve();
        }
        calls.push(`after ${type + data}`);
      };
      source.addEventListener('open', (event) => void tell(event));
      source.addEventListener('message', (event) => void tell(event));
      await nextEvent(source, 'last');
      source.close();
      return calls;
    },
    answer: ['open', 'after open', 'messagea', 'after messagea', 'messageb', 'after messageb'],
  },
  {
    name: 'tells of a listener that throws, and goes on',
    ask: async (Class, url) => {
      const source = new Class(url) as Source;
      const told: unknown[] = [];
      const tell = (event: Event): void => {
        told.push((event as Event & { message?: string }).message);
        event.preventDefault();
      };
      const page = globalThis as unknown as EventTarget;
      page.addEventListener('error', tell);
      source['onopen'] = () => {
        throw new Error('thrown');
      };
      source.addEventListener('open', () => told.push('next'));
      await nextEvent(source, 'last');
      source.close();
      page.removeEventListener('error', tell);
      return told;
    },
    answer: ['Uncaught Error: thrown', 'next'],
    browser: true,
  },
];

export const interfaceCases: readonly InterfaceCase[] = [...classCases, ...handlerCases, ...eventCases];
