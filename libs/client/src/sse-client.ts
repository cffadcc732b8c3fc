import { createCursor } from './cursor.js';
import { type EventQueue, createEventQueue } from './event-queue.js';
import type { Block } from './event-stream.js';
import type { ControlEvents, EventOf, SseClientEvent } from './events.js';
import { type SseClientOptions, parseData, resolveOptions } from './options.js';
import { createOwnConnection } from './own-connection.js';
import { type Page, followPage } from './page.js';
import { createLazyConnection } from './shared/lazy-connection.js';
import { type SseSnapshot, calm } from './snapshot.js';
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
    this: void,
    type: Type,
    listener: Listener<Listened<Events>[Type]>,
  ): SseClient<Events>;
  off<Type extends keyof Listened<Events> & string>(
    this: void,
    type: Type,
    listener: Listener<Listened<Events>[Type]>,
  ): SseClient<Events>;
  /** As `on()`, for those who would rather have what takes it back. */
  listen<Type extends keyof Listened<Events> & string>(
    this: void,
    type: Type,
    listener: Listener<Listened<Events>[Type]>,
  ): () => void;
  /** Calls back when the snapshot is another; returns what takes it back. */
  subscribe(this: void, listener: () => void): () => void;
  /** The same object for as long as nothing has changed. */
  getSnapshot(this: void): SseSnapshot<EventOf<Events>>;
  readonly lastEventId: string;
  stats(this: void): SseClientStats;
  /** Begins, or goes on after an end, from the last event id. Nothing if it is open already. */
  open(this: void): void;
  /** Ends it: no timer, listener or socket of it is left. Those who listen stay, for the next `open()`. */
  close(this: void): void;
  /** Connects anew at once, from any state; where it polls it tries to stream again. */
  reconnect(this: void): void;
  /**
   * All events of the application, as they come; read no faster than the loop reads them: with 1,024 waiting, the connection
   * is read no further. Ends when the client is closed, at once if it has been. Leave the loop, or call `return()`, for it to let go.
   *
   * @throws SseClientError that the client was closed with; `ITERATION_OVERFLOW`
   */
  [Symbol.asyncIterator](this: void): AsyncIterableIterator<EventOf<Events>>;
}

/** Listened to by those who subscribe to the snapshot; no event has it for a type. */
const CHANGE = '';

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
  const { parse = parseData, onGap, pauseWhenHidden } = options;
  const cursor = createCursor(options.persist ? options.name : undefined);
  const stats = createStats();
  const listeners = new Map<string, Set<Listener<SseClientEvent>>>();
  const queues = new Set<EventQueue<Event>>();
  /** There while it is open. */
  let page: Page | undefined;
  let snapshot: SseSnapshot<Event> = {
    ...calm,
    status: options.manual ? 'closed' : 'connecting',
    transport: 'stream',
    event: undefined,
  };

  function set(change: Partial<SseSnapshot<Event>>): void {
    const next = { ...snapshot, ...change };
    if ((Object.keys(next) as (keyof typeof next)[]).some((key) => next[key] !== snapshot[key])) {
      snapshot = next;
      callAll(CHANGE);
    }
  }

  /** As an EventTarget does: what a listener throws hurts nobody else, and is reported as uncaught. */
  function callAll(type: string, event?: SseClientEvent): void {
    const called = listeners.get(type);
    // Those who come meanwhile aren't meant, and those who have gone neither.
    [...(called ?? [])].forEach((listener) => {
      if (called?.has(listener)) {
        try {
          listener(event as SseClientEvent);
        } catch (error) {
          queueMicrotask(() => {
            throw error;
          });
        }
      }
    });
  }

  function dispatch(type: string, data?: unknown): void {
    callAll(type, { type, data, id: cursor.id });
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
      let event: Event;
      try {
        event = { type, data: control ? JSON.parse(data) : parse(data, type), id: cursor.id } as Event;
      } catch (cause) {
        dispatch('error', new SseClientError('INVALID_DATA', type, { cause }));
        return;
      }
      if (!control) {
        stats.event();
        queues.forEach((queue) => queue.push(event));
        set({ event });
        callAll('*', event);
      }
      callAll(type, event);
    },
    change(state) {
      const { status, error, attempt: attempts } = state;
      const opens = status === 'open' && snapshot.status !== status;
      if (status === 'closed') {
        page?.leave();
        page = undefined;
        queues.forEach((queue) => queue.end(error));
      }
      set(state);
      if (opens) {
        dispatch('open');
      }
      if (error) {
        dispatch('error', error);
      }
      if (error?.code === 'MAX_RECONNECT_REACHED') {
        dispatch('max_reconnect_reached', { attempts });
      }
    },
    // One after the other, if several are full: it is asked again after what comes next.
    ready: () => [...queues].map((queue) => queue.room()).find(Boolean),
  };
  const context = { options, cursor, sink, stats };
  const source = options.shared ? createLazyConnection(context) : createOwnConnection(context);

  function pause(): void {
    source.close();
    sink.change({ ...calm, status: 'waiting' });
  }

  const client: SseClient<Events> = {
    url: options.url,
    on(type, listener) {
      client.listen(type, listener);
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
    subscribe: (listener) => client.listen(CHANGE as '*', listener),
    getSnapshot: () => snapshot,
    get lastEventId() {
      return cursor.id;
    },
    stats: stats.read,
    open() {
      if (!page) {
        page = followPage(pauseWhenHidden, pause, source.open);
        page.look();
      }
    },
    close() {
      source.close();
      if (snapshot.status !== 'closed') {
        sink.change({ ...calm, status: 'closed' });
      }
    },
    reconnect() {
      if (page) {
        source.reconnect();
      } else {
        client.open();
      }
    },
    [Symbol.asyncIterator]() {
      const queue = createEventQueue<Event>(() => queues.delete(queue));
      queues.add(queue);
      if (snapshot.status === 'closed') {
        queue.end(snapshot.error);
      }
      return queue.iterator;
    },
  };
  if (onGap) {
    client.on('sse:gap', ({ data }) => onGap(data));
  }
  if (!options.manual) {
    queueMicrotask(() => {
      // Unless it has been closed before it began.
      if (snapshot.status !== 'closed') {
        client.open();
      }
    });
  }
  return client;
}
