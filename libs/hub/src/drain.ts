import type { Clock } from './clock.js';
import type { Connection } from './delivery/connection.js';
import { flushed } from './transport/flushed.js';

/** How long a client may take to read the end of its stream before it is cut off; milliseconds. */
const FLUSH_MS = 500;

/**
 * Ends connections without a stampede: each client is told to come back at a moment of its own, evenly spread over the
 * window in random order. Those that are `ending` already are only waited for. Resolves when every stream is flushed or cut off.
 */
export async function drainConnections(
  connections: readonly Connection[],
  ending: readonly Connection[],
  reconnectWindowMs: number,
  clock: Clock,
): Promise<void> {
  const places = shuffled(connections.length);
  await Promise.all([
    ...ending.map(({ transport }) => flushed(transport, FLUSH_MS, clock)),
    ...connections.map((connection, index) => {
      const place = (places[index] as number) + Math.random();
      connection.close('drain', Math.floor((place / connections.length) * reconnectWindowMs));
      return flushed(connection.transport, FLUSH_MS, clock);
    }),
  ]);
}

function shuffled(length: number): number[] {
  const places = Array.from({ length }, (_, index) => index);
  for (let last = length - 1; last > 0; last -= 1) {
    const other = Math.floor(Math.random() * (last + 1));
    [places[last], places[other]] = [places[other] as number, places[last] as number];
  }
  return places;
}
