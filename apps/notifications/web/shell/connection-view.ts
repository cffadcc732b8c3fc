import type { ConnectionState } from '@nestcast/client';

/** How the stream is doing, for people. */
export interface ConnectionView {
  readonly state: 'live' | 'connecting' | 'reconnecting' | 'offline' | 'signed-out' | 'refused' | 'closed';
  readonly label: string;
}

const UNAUTHORIZED = 401;
const TOO_MANY_REQUESTS = 429;

/**
 * @param online whether the browser has a network
 * @param now milliseconds since the Unix epoch
 */
export function connectionView(connection: ConnectionState, online: boolean, now: number): ConnectionView {
  const { status, error, retryAt, attempt } = connection;
  if (status === 'open') {
    return { state: 'live', label: 'Live' };
  }
  if (status === 'closed') {
    return error?.status === UNAUTHORIZED
      ? { state: 'signed-out', label: 'Signed out elsewhere' }
      : { state: 'closed', label: 'Not connected' };
  }
  if (!online) {
    return { state: 'offline', label: 'Offline' };
  }
  const seconds = retryAt === undefined ? 0 : Math.ceil((retryAt - now) / 1_000);
  if (seconds > 0) {
    return error?.status === TOO_MANY_REQUESTS
      ? { state: 'refused', label: `Busy, again in ${seconds} s` }
      : { state: 'reconnecting', label: `Reconnecting in ${seconds} s` };
  }
  return attempt > 0
    ? { state: 'reconnecting', label: 'Reconnecting…' }
    : { state: 'connecting', label: 'Connecting…' };
}
