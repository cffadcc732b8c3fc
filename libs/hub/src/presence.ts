import type { Connection } from './delivery/connection.js';

/** One user's connections to a channel. */
export interface Presence {
  /** `undefined` for all connections that belong to nobody. */
  readonly userId: string | undefined;
  readonly connections: number;
}

export function presenceOf(connections: Iterable<Connection>, channel: string): Presence[] {
  const users = new Map<string | undefined, number>();
  for (const { userId, channels } of connections) {
    if (channels.has(channel)) {
      users.set(userId, (users.get(userId) ?? 0) + 1);
    }
  }
  return [...users].map(([userId, count]) => ({ userId, connections: count }));
}
