import type { Connection, ConnectionLease, Lease, LeaseHolder, LimitName, OverListener } from '@nestcast/hub';
import { type RouteLimits, leaseKey } from './route-limits.js';

/** What one request has been counted against so far, and holds of it until its connection or its response is over. */
export class RequestSlots implements ConnectionLease, LeaseHolder, OverListener {
  /** What it is to be told of when it must make room; there is none while its request is on its way. */
  connection: Connection | undefined;
  /** The limit for which it has had to make room for another. */
  evictedFor: LimitName | undefined;
  /** Whether it holds nothing any more, and will not. */
  released = false;

  // Made anew when there are more: a push would make room for seventeen, for as long as the stream is open.
  private counted: readonly string[] = [];
  private leases: readonly Lease[] = [];

  /** @param mayEvict whether others may have to make room for it */
  constructor(
    readonly route: RouteLimits,
    public mayEvict: boolean,
  ) {}

  /** Whether this limit has still to be counted; it is taken for counted from here on. */
  count(limit: string): boolean {
    const isNew = !this.counted.includes(limit);
    if (isNew) {
      this.counted = this.counted.concat(limit);
    }
    return isNew;
  }

  /** Holds the lease; one that comes when the request is over already, or has made room, is given back. */
  add(lease: Lease): void {
    if (this.released) {
      lease.release();
    } else {
      this.leases = this.leases.concat(lease);
    }
  }

  /** Gives back what is counted under keys that begin so, but for one. */
  keepOnly(prefix: string, key: string | undefined): void {
    const others = this.counted.filter((other) => other.startsWith(prefix) && other !== key);
    if (others.length > 0) {
      this.counted = this.counted.filter((other) => !others.includes(other));
      others.forEach((other) => this.leases.forEach((lease) => lease.release(other)));
    }
  }

  leave(channel: string): void {
    const key = leaseKey(this.route, 'perChannel', channel);
    this.leases.forEach((lease) => lease.release(key));
  }

  evict(limit: string): void {
    if (!this.released) {
      this.evictedFor = limit as LimitName;
      this.release();
      this.connection?.close('server', undefined, limit);
    }
  }

  release(): void {
    this.released = true;
    const { leases } = this;
    this.leases = [];
    leases.forEach((lease) => lease.release());
  }

  over(): void {
    this.release();
  }
}
