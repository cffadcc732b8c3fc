import type { ConnectionLease, Lease, OverListener } from '@nestcast/hub';
import type { LimitOptions } from '../sse.options.js';

/** A route's limits, and of each whether the route has set it itself: such a one counts the route's own connections. */
export interface RouteLimits {
  readonly name: string;
  readonly values: LimitOptions;
  readonly own: LimitOptions;
}

/** What one request has been counted against so far, and holds of it until its connection or its response is over. */
export class RequestSlots implements ConnectionLease, OverListener {
  // Made anew when there are more: a push would make room for seventeen, for as long as the stream is open.
  private counted: readonly string[] = [];
  private leases: readonly Lease[] = [];
  /** Held for one channel each. */
  private byChannel: Map<string, Lease> | undefined;
  private released = false;

  constructor(readonly route: RouteLimits) {}

  /** Whether this limit has still to be counted; it is taken for counted from here on. */
  count(limit: string): boolean {
    const isNew = !this.counted.includes(limit);
    if (isNew) {
      this.counted = this.counted.concat(limit);
    }
    return isNew;
  }

  add(lease: Lease): void {
    if (this.released) {
      lease.release();
    } else {
      this.leases = this.leases.concat(lease);
    }
  }

  addFor(channel: string, lease: Lease): void {
    if (this.released) {
      lease.release();
    } else {
      this.byChannel ??= new Map();
      this.byChannel.set(channel, lease);
    }
  }

  leave(channel: string): void {
    this.byChannel?.get(channel)?.release();
    this.byChannel?.delete(channel);
  }

  release(): void {
    this.released = true;
    this.byChannel?.forEach((lease) => lease.release());
    this.byChannel = undefined;
    const { leases } = this;
    this.leases = [];
    leases.forEach((lease) => lease.release());
  }

  over(): void {
    this.release();
  }
}
