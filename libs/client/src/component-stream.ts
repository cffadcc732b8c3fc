import type { EventOf, SseClientEvent } from './events.js';
import type { SseClientOptions } from './options.js';
import type { SseSnapshot } from './snapshot.js';
import { type Listened, type Listener, type SseClient, createSseClient } from './sse-client.js';

/**
 * Where a component's events come from: a URL, for a client of the component's own that lives as long as it; a client made
 * elsewhere, which the component neither opens nor closes; or nothing, for now.
 */
export type SseStreamSource<Events extends object> = string | URL | SseClient<Events> | null | undefined;

/** Listeners by the type of event; `*`: all events of the application. */
export type SseListeners<Events extends object> = {
  readonly [Type in keyof Listened<Events>]?: Listener<Listened<Events>[Type]>;
};

/** The client's options count where the source is a URL. */
export interface SseComponentOptions<Events extends object> extends Omit<SseClientOptions, 'manual'> {
  /** Called for each event; a component itself may see but the last of those that have come at once. */
  readonly on?: SseListeners<Events>;
}

/** What can be done with a component's stream; without a source nothing happens. */
export interface SseControls {
  readonly open: () => void;
  readonly close: () => void;
  readonly reconnect: () => void;
}

/** A client, or none, as a component sees it. */
export interface ComponentStream<Events extends object> extends SseControls {
  readonly client: SseClient<Events> | undefined;
  /** What a server renders, and a page before it has taken over from the server. */
  readonly first: SseSnapshot<EventOf<Events>>;
  readonly getSnapshot: () => SseSnapshot<EventOf<Events>>;
  readonly subscribe: (listener: () => void) => () => void;
  /**
   * Listens to events of some types.
   *
   * @param on the listeners, as they are when an event comes
   * @returns what takes it back
   */
  readonly listen: (types: readonly string[], on: () => SseListeners<Events>) => () => void;
  /**
   * Opens a client of the component's own; not again, if it has ended or was closed by hand: a component may be hidden and
   * shown any number of times. Returns what closes it.
   */
  readonly start: () => () => void;
}

const NONE: SseSnapshot<never> = {
  status: 'closed',
  transport: 'stream',
  attempt: 0,
  retryAt: undefined,
  error: undefined,
  event: undefined,
};
/** A client that is about to be opened is none that has been closed. */
const PENDING: SseSnapshot<never> = { ...NONE, status: 'connecting' };

/** What tells one source from another: a URL is its text. */
export function sourceKey<Events extends object>(source: SseStreamSource<Events>) {
  return source instanceof URL ? source.href : source;
}

/** Nothing is requested before `start()`. */
export function componentStream<Events extends object>(
  source: ReturnType<typeof sourceKey<Events>>,
  options: SseClientOptions,
): ComponentStream<Events> {
  const own =
    typeof source === 'string' ? createSseClient<Events>(source, { ...options, manual: true }) : undefined;
  const client = own ?? (source as SseClient<Events> | null) ?? undefined;
  const first: SseSnapshot<EventOf<Events>> = client ? PENDING : NONE;
  /** Whether a client of the component's own is closed for no other reason than that the component isn't shown. */
  let isPending = own !== undefined;
  let pending = first;
  return {
    client,
    first,
    getSnapshot() {
      const snapshot = client?.getSnapshot() ?? NONE;
      return isPending && snapshot.status === 'closed' ? pending : snapshot;
    },
    subscribe: (listener) => client?.subscribe(listener) ?? nothing,
    listen(types, on) {
      const stops = types.map((type) =>
        client?.listen(type as '*', (event: SseClientEvent) =>
          (on() as SseListeners<object>)[type as '*']?.(event as never),
        ),
      );
      return () => stops.forEach((stop) => stop?.());
    },
    start() {
      if (isPending) {
        own?.open();
      }
      isPending = false;
      return () => {
        if (own && own.getSnapshot().status !== 'closed') {
          own.close();
          pending = { ...own.getSnapshot(), status: 'connecting' };
          isPending = true;
        }
      };
    },
    open: () => client?.open(),
    close: () => client?.close(),
    reconnect: () => client?.reconnect(),
  };
}

function nothing(): void {}
