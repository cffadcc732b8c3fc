import type { Connection } from './delivery/connection.js';

/** Which connections are meant: all that match every field given. */
export interface ConnectionFilter {
  readonly userId?: string;
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
    (userId === undefined || connection.userId === userId) &&
    (connectionId === undefined || connection.id === connectionId) &&
    (channel === undefined || connection.channels.has(channel))
  );
}
