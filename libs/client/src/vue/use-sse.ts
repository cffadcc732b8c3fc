import {
  type ComputedRef,
  type MaybeRefOrGetter,
  computed,
  getCurrentInstance,
  onMounted,
  shallowRef,
  toValue,
  watch,
} from 'vue';
import {
  type SseComponentOptions,
  type SseControls,
  type SseStreamSource,
  componentStream,
  sourceKey,
} from '../component-stream.js';
import type { EventOf } from '../events.js';
import type { SseSnapshot, SseStatus } from '../snapshot.js';
import type { SseClientError } from '../sse-client-error.js';
import type { SseClient } from '../sse-client.js';

/** What `useSse()` returns: the client's snapshot, as refs that can only be read. */
export interface UseSse<Events extends object> extends SseControls {
  readonly snapshot: ComputedRef<SseSnapshot<EventOf<Events>>>;
  readonly status: ComputedRef<SseStatus>;
  /** The last event of the application. */
  readonly event: ComputedRef<EventOf<Events> | undefined>;
  /** The data of the last event; `undefined` until there is one. */
  readonly data: ComputedRef<EventOf<Events>['data'] | undefined>;
  readonly error: ComputedRef<SseClientError | undefined>;
  /** `undefined` where there is no source. */
  readonly client: ComputedRef<SseClient<Events> | undefined>;
}

/**
 * An event stream for as long as the effect scope is active, a component's or any other. With a URL it has a client of its own:
 * opened when the component is mounted, or at once outside of one, closed with the scope, and another one when the URL is
 * another. Requests nothing on a server.
 *
 * @throws SseClientError `INVALID_OPTION`
 */
export function useSse<Events extends object = Record<string, unknown>>(
  source: MaybeRefOrGetter<SseStreamSource<Events>>,
  { on = {}, ...options }: SseComponentOptions<Events> = {},
): UseSse<Events> {
  const key = () => sourceKey(toValue(source));
  const stream = shallowRef(componentStream<Events>(key(), options));
  const snapshot = shallowRef(stream.value.first);
  const instance = getCurrentInstance();
  // Until it is mounted a component is what the server has rendered, where there are no mounts.
  const live = shallowRef(instance ? instance.isMounted : typeof document !== 'undefined');
  if (instance && !live.value) {
    onMounted(() => {
      live.value = true;
    });
  }
  watch(key, (next) => {
    stream.value = componentStream(next, options);
  });
  watch(
    [stream, live],
    ([{ first, getSnapshot, subscribe, listen, start }, isLive], _before, onCleanup) => {
      snapshot.value = first;
      if (isLive) {
        const read = (): void => {
          snapshot.value = getSnapshot();
        };
        const stops = [start(), subscribe(read), listen(Object.keys(on), () => on)];
        read();
        onCleanup(() => stops.forEach((stop) => stop()));
      }
    },
    { immediate: true },
  );
  return {
    snapshot: computed(() => snapshot.value),
    status: computed(() => snapshot.value.status),
    event: computed(() => snapshot.value.event),
    data: computed(() => snapshot.value.event?.data),
    error: computed(() => snapshot.value.error),
    client: computed(() => stream.value.client),
    open: () => stream.value.open(),
    close: () => stream.value.close(),
    reconnect: () => stream.value.reconnect(),
  };
}
