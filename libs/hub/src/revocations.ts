import type { Clock } from './clock.js';
import type { ConnectionFilter } from './connection-filter.js';

/** How long a right may be known before a connection is made of it, where nothing else is said; milliseconds. */
const KEEP_MS = 60_000;

/** Whom a right belongs to. */
interface Holder {
  readonly userId?: string | number | undefined;
  readonly tenant?: string | number | undefined;
}

/** Whose rights have been taken back of late: those of users, of tenants, or of a user of a tenant. */
export class Revocations {
  /** When; milliseconds since the Unix epoch, the oldest first. */
  private readonly times = new Map<string, number>();

  /** @param keepMs how long a right may be known before a connection is made of it */
  constructor(
    private readonly clock: Clock,
    private readonly keepMs = KEEP_MS,
  ) {}

  /** How many are remembered. */
  get size(): number {
    return this.times.size;
  }

  /** One connection, or one channel, is not every right of somebody: a filter that names such is not noted. */
  add({ userId, tenant, connectionId, channel }: ConnectionFilter, at = this.clock.now()): void {
    if (connectionId === undefined && channel === undefined) {
      const key = keyOf({ userId, tenant });
      this.sweep(this.clock.now());
      const time = Math.max(at, this.times.get(key) ?? -Infinity);
      this.times.delete(key);
      this.times.set(key, time);
    }
  }

  /** Whether the right that somebody had at this time has been taken back since. */
  since(time: number, { userId, tenant }: Holder): boolean {
    const holders = this.times.size > 0 ? [{ userId }, { tenant }, { userId, tenant }] : [];
    return holders.some((holder) => (this.times.get(keyOf(holder)) ?? -Infinity) > time);
  }

  private sweep(now: number): void {
    for (const [key, time] of this.times) {
      if (now - time < this.keepMs) {
        return;
      }
      this.times.delete(key);
    }
  }
}

function keyOf({ userId, tenant }: Holder): string {
  return JSON.stringify([userId, tenant].map((id) => (id === undefined ? null : String(id))));
}
