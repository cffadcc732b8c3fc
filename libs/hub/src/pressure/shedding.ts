import type { Connection } from '../delivery/connection.js';
import type { HubOptions } from '../hub-options.js';

/**
 * Closes a share of the connections, but nobody who is at work: first those that lag, whose unread bytes are memory, then
 * those that have had no event for a while, of each kind the oldest first.
 *
 * @param connections the oldest first
 * @returns how many have been closed
 */
export function shedConnections(
  connections: readonly Connection[],
  { pressure, drain, retry }: Pick<HubOptions, 'pressure' | 'drain' | 'retry'>,
  now: number,
): number {
  const { shedRatio, idleMs } = pressure;
  const most = Math.ceil(connections.length * shedRatio);
  const lagging = connections.filter(({ state }) => state === 'lagging');
  const idle = connections.filter(
    ({ state, lastEventAt }) => state === 'live' && now - lastEventAt >= idleMs,
  );
  const chosen = [...lagging, ...idle].slice(0, most);
  closeOverWindow(chosen, { drain, retry }, 'pressure');
  return chosen.length;
}

/**
 * Closes connections that could go on elsewhere: each is told a moment of its own to come back, spread over the window that a
 * drain has as well, and no sooner than its ordinary retry would be.
 *
 * @param why what the goodbye names as `limit`
 */
export function closeOverWindow(
  connections: readonly Connection[],
  { drain, retry }: Pick<HubOptions, 'drain' | 'retry'>,
  why: 'pressure' | 'balance',
): void {
  connections.forEach((connection, place) => {
    const share = (place + Math.random()) / connections.length;
    connection.close('server', retry.ms + Math.floor(share * drain.reconnectWindowMs), why);
  });
}
