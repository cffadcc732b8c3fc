'use client';

import { type RefObject, useEffect, useInsertionEffect, useMemo, useRef, useSyncExternalStore } from 'react';
import {
  type SseComponentOptions,
  type SseControls,
  type SseStreamSource,
  componentStream,
  sourceKey,
} from '../component-stream.js';
import type { EventOf } from '../events.js';
import type { SseClientOptions } from '../options.js';
import type { SseSnapshot } from '../snapshot.js';
import type { SseClient } from '../sse-client.js';

export interface UseSseOptions<Events extends object, Selected> extends SseComponentOptions<Events> {
  /**
   * What the component shows of the snapshot: it renders again only when that is another value, by `Object.is`. Select values,
   * or parts of the snapshot as they are; an object made here is another for each snapshot.
   */
  readonly select?: (snapshot: SseSnapshot<EventOf<Events>>) => Selected;
}

/** What `useSse()` returns: the client's snapshot. */
export interface SseView<Events extends object> extends SseSnapshot<EventOf<Events>>, SseControls {
  /** The data of the last event; `undefined` until there is one. */
  readonly data: EventOf<Events>['data'] | undefined;
  /** `undefined` where there is no source. */
  readonly client: SseClient<Events> | undefined;
}

/** What `useSse()` returns with `select`. */
export interface SseSelection<Events extends object, Selected> extends SseControls {
  readonly selected: Selected;
  readonly client: SseClient<Events> | undefined;
}

/**
 * An event stream for as long as the component is mounted. With a URL the hook has a client of its own: opened after the first
 * commit, closed on unmount, and another one when the URL is another. No option that changes connects anew: functions
 * (`headers`, `parse`, those of `on`) are called as the last render has given them, all else is read once for each URL.
 * Hidden by `<Activity>`, or mounted twice by StrictMode, it goes on from the last event id; one that has ended, or was closed by
 * hand, stays so. Requests nothing on a server.
 *
 * @throws SseClientError `INVALID_OPTION`, when rendering
 */
export function useSse<Events extends object = Record<string, unknown>>(
  source: SseStreamSource<Events>,
  options?: UseSseOptions<Events, never> & { readonly select?: undefined },
): SseView<Events>;
export function useSse<Events extends object = Record<string, unknown>, Selected = unknown>(
  source: SseStreamSource<Events>,
  options: UseSseOptions<Events, Selected> & Required<Pick<UseSseOptions<Events, Selected>, 'select'>>,
): SseSelection<Events, Selected>;
export function useSse<Events extends object, Selected>(
  source: SseStreamSource<Events>,
  options: UseSseOptions<Events, Selected> = {},
): SseView<Events> | SseSelection<Events, Selected> {
  const { on = {}, select, ...clientOptions } = options;
  const latest = useRef(options);
  useInsertionEffect(() => {
    latest.current = options;
  });
  const key = sourceKey(source);
  // Of the source alone: other options make no other client.
  const stream = useMemo(() => componentStream<Events>(key, following(clientOptions, latest)), [key]);
  const pick = useMemo(() => remembering<SseSnapshot<EventOf<Events>>, unknown>(select ?? itself), [select]);
  const shown = useSyncExternalStore(
    stream.subscribe,
    () => pick(stream.getSnapshot()),
    () => pick(stream.first),
  );
  const types = JSON.stringify(Object.keys(on));
  useEffect(
    () => stream.listen(JSON.parse(types) as string[], () => latest.current.on ?? {}),
    [stream, types],
  );
  useEffect(stream.start, [stream]);
  const { client, open, close, reconnect } = stream;
  const controls = { client, open, close, reconnect };
  if (select) {
    return { ...controls, selected: shown as Selected };
  }
  const snapshot = shown as SseSnapshot<EventOf<Events>>;
  return { ...snapshot, ...controls, data: snapshot.event?.data };
}

/** Options whose functions are the latest ones, whenever they are called. */
function following(
  options: SseClientOptions,
  latest: Readonly<RefObject<SseClientOptions>>,
): SseClientOptions {
  const functions = Object.entries(options).flatMap(([name, first]) =>
    typeof first === 'function'
      ? [
          [
            name,
            (...args: unknown[]) => {
              const last: unknown = latest.current[name as keyof SseClientOptions];
              return (typeof last === 'function' ? last : first)(...args);
            },
          ],
        ]
      : [],
  );
  return {
    ...options,
    ...Object.fromEntries(functions),
    // There may be one later, and none again.
    onGap: (gap) => latest.current.onGap?.(gap),
  };
}

/** Asked again for the same snapshot it answers the same: any other answer is a change to React. */
function remembering<From, To>(select: (from: From) => To): (from: From) => To {
  let last: From | undefined;
  let selected: To;
  return (from) => {
    if (from !== last) {
      selected = select(from);
      last = from;
    }
    return selected;
  };
}

function itself<T>(value: T): T {
  return value;
}
