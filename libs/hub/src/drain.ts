import type { Clock } from './clock.js';
import type { HubConnection } from './delivery/hub-connection.js';
import type { ServerCloseReason } from './protocol/control-event.js';
import { flushed } from './transport/flushed.js';

/** How long a client may take to read the end of its stream before it is cut off; milliseconds. */
const FLUSH_MS = 500;
/**
 * The first moment to come back, as a share of the window. Nobody comes back at once: while the node is away each client
 * tries again at every multiple of its own moment, and those with short ones would all be there when it is back.
 */
const FIRST_MOMENT = 0.25;
/** How long connections are ended before the event loop has its turn; milliseconds. */
const SLICE_MS = 20;

/**
 * Ends connections without a stampede: each client is told to come back at a moment of its own, evenly spread over the
 * window in random order. Those that are `ending` already are only waited for. Resolves when every stream is flushed or cut off.
 *
 * @param withinMs how long clients may take to read the end, if that is less than 500 ms
 */
export async function drainConnections(
  connections: readonly HubConnection[],
  ending: readonly HubConnection[],
  reconnectWindowMs: number,
  clock: Clock,
  withinMs: number,
): Promise<void> {
  const flushMs = Math.min(FLUSH_MS, withinMs);
  const flushing = ending.map(({ transport }) => flushed(transport, flushMs, clock));
  await closeSpread(connections, 'drain', reconnectWindowMs, clock, ({ transport }) =>
    flushing.push(flushed(transport, flushMs, clock)),
  );
  await Promise.all(flushing);
}

/** Closes connections, each with a moment of its own to come back, and lets the event loop have its turns. */
export async function closeSpread(
  connections: readonly HubConnection[],
  reason: ServerCloseReason,
  reconnectWindowMs: number,
  clock: Clock,
  onClosed?: (connection: HubConnection) => void,
): Promise<void> {
  const places = shuffled(connections.length);
  let sliceEnd = clock.now() + SLICE_MS;
  for (const [index, connection] of connections.entries()) {
    const place = ((places[index] as number) + Math.random()) / connections.length;
    connection.close(reason, Math.floor((FIRST_MOMENT + place) * reconnectWindowMs));
    onClosed?.(connection);
    if (clock.now() >= sliceEnd) {
      await new Promise(setImmediate);
      sliceEnd = clock.now() + SLICE_MS;
    }
  }
}

function shuffled(length: number): number[] {
  const places = Array.from({ length }, (_, index) => index);
  for (let last = length - 1; last > 0; last -= 1) {
    const other = Math.floor(Math.random() * (last + 1));
    [places[last], places[other]] = [places[other] as number, places[last] as number];
  }
  return places;
}
