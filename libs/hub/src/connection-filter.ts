import type { Connection } from './delivery/connection.js';

/** Which connections are meant: all that match every field given. */
export interface ConnectionFilter {
  /** Compared as text: what `identify` returns may be a number. */
  readonly userId?: string | number;
  readonly connectionId?: string;
  readonly channel?: string;
}

/** Whether the filter names anything at all. */
export function selects({ userId, connectionId, channel }: ConnectionFilter): boolean {
  return [userId, connectionId, channel].some((field) => field !== undefined);
}

export function matches(
  connection: Connection,
  { userId, connectionId, channel }: ConnectionFilter,
): boolean {
  return (
    (userId === undefined || connection.userId === String(userId)) &&
    (connectionId === undefined || connection.id === connectionId) &&
    (channel === undefined || connection.channels.has(channel))
  );
}
