import { createCursor } from './cursor.js';
import { type EventQueue, createEventQueue } from './event-queue.js';
import type { Block } from './event-stream.js';
import type { ControlEvents, EventOf, SseClientEvent } from './events.js';
import { type SseClientOptions, parseData, resolveOptions } from './options.js';
import { createOwnConnection } from './own-connection.js';
import { createLazyConnection } from './shared/lazy-connection.js';
import type { SseSnapshot } from './snapshot.js';
import type { Sink } from './source.js';
import { SseClientError } from './sse-client-error.js';
import { type SseClientStats, createStats } from './stats.js';

/** Events that a client dispatches on its own account. */
export interface LocalEvents {
  /** A stream has been opened. */
  open: undefined;
  /** Something has failed; the snapshot says whether it goes on. */
  error: SseClientError;
  /** As many attempts have failed in a row as may; it is closed. */
  max_reconnect_reached: { readonly attempts: number };
}

/** What can be listened to: the application's events, and those of the client and the server; `*`: all of the application's. */
export type Listened<Events extends object> = {
  [Type in keyof Events & string]: SseClientEvent<Type, Events[Type]>;
} & {
  [Type in keyof (ControlEvents & LocalEvents)]: SseClientEvent<Type, (ControlEvents & LocalEvents)[Type]>;
} & { '*': EventOf<Events> };

export type Listener<Event> = (event: Event) => void;

/**
 * An event stream that comes back by itself and misses nothing. Typed by a contract: an interface of event types and their
 * data.
 */
export interface SseClient<Events extends object = Record<string, unknown>> {
  readonly url: string;
  /** Calls back for events of a type. What a listener throws is reported as uncaught, and hurts no other. Chainable. */
  on<Type extends keyof Listened<Events> & string>(
    type: Type,
    listener: Listener<Listened<Events>[Type]>,
    options?: { readonly signal?: AbortSignal },
  ): this;
  off<Type extends keyof Listened<Events> & string>(
    type: Type,
    listener: Listener<Listened<Events>[Type]>,
  ): this;
  /** As `on()`, for those who would rather have what takes it back. */
  listen<Type extends keyof Listened<Events> & string>(
    type: Type,
    listener: Listener<Listened<Events>[Type]>,
  ): () => void;
  /** Calls back when the snapshot is another; returns what takes it back. */
  subscribe(listener: () => void): () => void;
  /** The same object for as long as nothing has changed. */
  getSnapshot(): SseSnapshot<EventOf<Events>>;
  readonly lastEventId: string;
  stats(): SseClientStats;
  /** Begins, or goes on after `close()`, from the last event id. Nothing if it is open already. */
  open(): void;
  /** Ends it: no timer, listener or socket of it is left. */
  close(): void;
  /** Connects anew at once. */
  reconnect(): void;
  /**
   * All events of the application, as they come; read no faster than the loop reads them. Ends when the client is closed.
   *
   * @throws SseClientError that the client was closed with
   */
  [Symbol.asyncIterator](): AsyncIterableIterator<EventOf<Events>>;
}

/**
 * A client of an event stream.
 *
 * @throws SseClientError `INVALID_OPTION`
 */
export function createSseClient<Events extends object = Record<string, unknown>>(
  url: string | URL,
  given: SseClientOptions = {},
): SseClient<Events> {
  type Event = EventOf<Events>;
  const options = resolveOptions(url, given);
  const { parse = parseData } = options;
  const cursor = createCursor(options.persist ? options.name : undefined);
  const stats = createStats();
  const listeners = new Map<string, Set<Listener<SseClientEvent>>>();
  const subscribers = new Set<() => void>();
  const queues = new Set<EventQueue<Event>>();
  let snapshot: SseSnapshot<Event> = {
    status: 'closed',
    transport: 'stream',
    attempt: 0,
    retryAt: undefined,
    error: undefined,
    event: undefined,
  };

  function set(change: Partial<SseSnapshot<Event>>): void {
    snapshot = { ...snapshot, ...change };
    subscribers.forEach((notify) => call(notify, undefined));
  }

  function dispatch(type: string, event: SseClientEvent): void {
    // Those who come meanwhile are not meant.
    [...(listeners.get(type) ?? [])].forEach((listener) => call(listener, event));
  }

  function tell<Type extends keyof LocalEvents>(type: Type, data: LocalEvents[Type]): void {
    dispatch(type, { type, data, id: cursor.id });
  }

  const sink: Sink = {
    block({ id, type, data }: Block) {
      if (id !== undefined) {
        cursor.move(id);
      }
      if (data === undefined) {
        return;
      }
      const control = type.startsWith('sse:');
      let parsed: unknown;
      try {
        parsed = control ? JSON.parse(data) : parse(data, type);
      } catch (cause) {
        tell('error', new SseClientError('INVALID_DATA', `Data of ${type} can't be read.`, { cause }));
        return;
      }
      const event = { type, data: parsed, id: cursor.id };
      dispatch(type, event);
      if (!control) {
        stats.event();
        dispatch('*', event);
        queues.forEach((queue) => queue.push(event as Event));
        set({ event: event as Event });
      }
    },
    change(state) {
      set(state);
      const { status, error, attempt } = state;
      if (error) {
        tell('error', error);
      }
      if (status === 'open') {
        tell('open', undefined);
      }
      if (status === 'closed') {
        if (error?.code === 'MAX_RECONNECT_REACHED') {
          tell('max_reconnect_reached', { attempts: attempt ?? 0 });
        }
        queues.forEach((queue) => queue.end(error));
      }
    },
    ready() {
      const waits = [...queues].map((queue) => queue.room()).filter((room) => room !== undefined);
      return waits.length > 0 ? Promise.all(waits).then(() => undefined) : undefined;
    },
  };
  const context = { options, cursor, sink, stats };
  const source = options.shared ? createLazyConnection(context) : createOwnConnection(context);

  const client: SseClient<Events> = {
    url: options.url,
    on(type, listener, { signal } = {}) {
      const stop = client.listen(type, listener);
      signal?.addEventListener('abort', stop, { once: true });
      return client;
    },
    off(type, listener) {
      listeners.get(type)?.delete(listener as Listener<SseClientEvent>);
      return client;
    },
    listen(type, listener) {
      const all = listeners.get(type) ?? new Set();
      listeners.set(type, all.add(listener as Listener<SseClientEvent>));
      return () => void client.off(type, listener);
    },
    subscribe(listener) {
      subscribers.add(listener);
      return () => void subscribers.delete(listener);
    },
    getSnapshot: () => snapshot,
    get lastEventId() {
      return cursor.id;
    },
    stats: () => stats.read(),
    open: () => source.open(),
    close() {
      source.close();
      sink.change({ status: 'closed', error: undefined, retryAt: undefined });
    },
    reconnect: () => source.reconnect(),
    [Symbol.asyncIterator]() {
      const queue = createEventQueue<Event>(() => queues.delete(queue));
      queues.add(queue);
      return queue.iterator;
    },
  };
  if (options.onGap) {
    client.on('sse:gap', ({ data }) => options.onGap?.(data));
  }
  if (!options.manual) {
    queueMicrotask(client.open);
  }
  return client;
}

/** As an EventTarget does: what a listener throws hurts nobody else, and is reported as uncaught. */
function call<T>(listener: (value: T) => void, value: T): void {
  try {
    listener(value);
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}
