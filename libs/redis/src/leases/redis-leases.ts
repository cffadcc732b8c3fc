import {
  type Cancel,
  type Clock,
  type Lease,
  type LeaseClaim,
  type LeaseHolder,
  type LeaseRefusal,
  type LeaseStore,
  SseError,
} from '@nestcast/hub';
import type { FirstConnection } from '../connection/first-connection.js';
import { brokerClosed, orRefusal, unavailable } from '../connection/redis-errors.js';
import type { RedisPort } from '../connection/redis-port.js';
import { HeldLease } from './held-lease.js';
import { LeaseCalls } from './lease-calls.js';
import { OpenWindows } from './open-windows.js';

export interface RedisLeasesContext {
  readonly port: Pick<RedisPort, 'call' | 'subscribe' | 'unsubscribe'>;
  /** What the names of all its keys begin with; a hash tag, so that all of them are on one node. */
  readonly prefix: string;
  readonly clock: Clock;
  /** After how many milliseconds without a sign of life a node has lost its leases. */
  readonly leaseMs: number;
  /** Waited for: what is asked before is not refused. */
  readonly first: FirstConnection;
  readonly onError: (error: unknown, what: string) => void;
}

/**
 * Connection limits counted over all nodes of a Redis. What this node holds it also knows itself: whenever it may differ from
 * what Redis has, after Redis was away, after its leases have ended, or where an answer was lost, the two are compared, what
 * only Redis has is given back, and what only the node has is put back.
 */
export class RedisLeases implements LeaseStore {
  /** Where this node is told which of its leases have made room; its messages are for {@link message}. */
  readonly channel: string;

  private readonly calls: LeaseCalls;
  private readonly opens: OpenWindows;
  private readonly held = new Map<string, HeldLease>();
  /** Those that Redis has been asked for, each with the limit for which it has been evicted before its answer was there. */
  private readonly asked = new Map<string, string | undefined>();
  private released: (readonly [id: string, key: string | undefined])[] = [];
  private count = 0;
  private registration: Promise<void> | undefined;
  private leaving: Promise<void> = Promise.resolve();
  private cancelRenewal: Cancel | undefined;
  /** Redis may have something else than this node; told by the next renewal at the latest. */
  private doubtful = false;
  /** Calls that change what Redis has. */
  private changes = 0;
  private wasThere = false;
  /** Redis was away: it may think of the other nodes that they are dead. */
  private wasAway = false;
  private closed = false;

  constructor(private readonly context: RedisLeasesContext) {
    const { port, prefix, leaseMs } = context;
    this.calls = new LeaseCalls(port, prefix, leaseMs);
    this.channel = this.calls.channel;
    this.opens = new OpenWindows(port, `${prefix}opens:`);
  }

  async take(
    claims: readonly LeaseClaim[],
    holder?: LeaseHolder,
    evicts = false,
  ): Promise<Lease | LeaseRefusal> {
    await this.context.first.wait();
    for (let attempt = 0; attempt < 2; attempt += 1) {
      await orRefusal(this.registered());
      const outcome = await orRefusal(this.ask(claims, holder, evicts));
      if (outcome) {
        return outcome;
      }
      // Redis doesn't know this node any more.
      this.registration = undefined;
    }
    throw unavailable('it forgets what it is told');
  }

  async countOpen(key: string, perMinute: number): Promise<number> {
    await this.context.first.wait();
    return orRefusal(this.opens.count(key, perMinute));
  }

  /** What has come on {@link channel}. */
  message(text: string): void {
    const space = text.indexOf(' ');
    this.evicted([[text.slice(0, space), text.slice(space + 1)]]);
  }

  /** Redis lets commands through, for the first time or again. */
  available(): void {
    this.wasAway = this.wasThere;
    this.wasThere = true;
    this.compareIfKnown();
  }

  /** Messages come, for the first time or again: some may have been missed. */
  listening(): void {
    this.compareIfKnown();
  }

  /** Gives everything back. */
  async close(): Promise<void> {
    this.closed = true;
    this.cancelRenewal?.();
    this.held.clear();
    if (this.registration) {
      await this.leave();
    }
  }

  private async ask(
    claims: readonly LeaseClaim[],
    holder: LeaseHolder | undefined,
    evicts: boolean,
  ): Promise<Lease | LeaseRefusal | undefined> {
    this.count += 1;
    const id = String(this.count);
    this.asked.set(id, undefined);
    this.changes += 1;
    try {
      const answer = await this.calls.take(id, claims, holder !== undefined, evicts);
      if (answer === 'unknown') {
        return undefined;
      }
      return 'since' in answer
        ? this.hold(id, answer.since, claims, holder)
        : { refused: claims[answer.refused] as LeaseClaim };
    } finally {
      this.asked.delete(id);
    }
  }

  private hold(
    id: string,
    since: string,
    claims: readonly LeaseClaim[],
    holder: LeaseHolder | undefined,
  ): HeldLease {
    const keys = claims.map(({ key }) => key);
    const lease = new HeldLease(id, since, keys, holder, (given, key) => this.giveBack(given, key));
    this.held.set(id, lease);
    const limit = this.asked.get(id);
    if (limit !== undefined) {
      // Who is told gives the lease back that it has been given: not before it has it.
      setImmediate(() => this.evicted([[id, limit]]));
    }
    return lease;
  }

  private giveBack(lease: HeldLease, key: string | undefined): void {
    if (key === undefined) {
      this.held.delete(lease.id);
    }
    if (this.closed) {
      return;
    }
    lease.doubtful ||= key !== undefined;
    if (this.released.length === 0) {
      setImmediate(() => this.flushReleased());
    }
    this.released.push([lease.id, key]);
  }

  private flushReleased(): void {
    const { released } = this;
    this.released = [];
    this.changes += 1;
    this.calls
      .release(released)
      .then(() => this.settle(released.map(([id]) => id)))
      .catch((error: unknown) => this.doubt(error, 'giving back leases'));
  }

  private settle(ids: readonly string[]): void {
    for (const id of ids) {
      const lease = this.held.get(id);
      if (lease) {
        lease.doubtful = false;
      }
    }
  }

  /** Makes this node known to Redis, and both agree on what it holds. */
  private async registered(): Promise<void> {
    if (this.closed) {
      throw brokerClosed();
    }
    if (!this.registration) {
      const registration = this.register();
      registration.catch(() => {
        this.doubtful = true;
        if (this.registration === registration) {
          this.registration = undefined;
        }
      });
      this.registration = registration;
      this.cancelRenewal ??= this.renewLater();
    }
    return this.registration;
  }

  private async register(): Promise<void> {
    const { wasAway } = this;
    this.doubtful = false;
    await this.leaving;
    await this.context.port.subscribe([this.channel]);
    const stored = await this.calls.register(wasAway);
    this.wasAway &&= !wasAway;
    this.evicted(stored.evicted);
    const unheld = [...stored.ids].filter((id) => !this.held.has(id) && !this.asked.has(id));
    const lost = [...this.held.values()].filter(({ id, doubtful }) => doubtful || !stored.ids.has(id));
    await this.calls.release(unheld.map((id) => [id, undefined]));
    await this.calls.restore(lost);
    this.settle(lost.map(({ id }) => id));
  }

  private evicted(evictions: readonly (readonly [id: string, limit: string])[]): void {
    if (evictions.length === 0) {
      return;
    }
    this.calls
      .forgetEvicted(evictions.map(([id]) => id))
      .catch((error: unknown) => this.doubt(error, 'telling of evicted leases'));
    for (const [id, limit] of evictions) {
      const lease = this.held.get(id);
      if (this.asked.has(id)) {
        this.asked.set(id, limit);
      }
      this.held.delete(id);
      lease?.holder?.evict(limit);
    }
  }

  private renewLater(): Cancel {
    return this.context.clock.schedule(this.context.leaseMs / 3, () => {
      this.cancelRenewal = undefined;
      if (this.held.size === 0 && this.asked.size === 0) {
        this.leaving = this.leave();
        return;
      }
      this.cancelRenewal = this.renewLater();
      this.renew().catch((error: unknown) => this.doubt(error, 'renewing leases'));
    });
  }

  private async renew(): Promise<void> {
    if (this.doubtful) {
      this.compare();
      return;
    }
    const before = this.changes;
    const { known, leases, more } = await this.calls.renew();
    const differs = before === this.changes && leases !== this.held.size;
    if (!known || differs) {
      this.compare();
    } else if (more) {
      await this.renew();
    }
  }

  private compareIfKnown(): void {
    if (this.registration || this.doubtful) {
      this.compare();
    }
  }

  private compare(): void {
    this.registration = undefined;
    this.registered().catch((error: unknown) => this.doubt(error, 'comparing leases'));
  }

  /** Nothing is left of this node in Redis; what fails is done later. */
  private async leave(): Promise<void> {
    this.registration = undefined;
    try {
      await Promise.all([this.calls.leave(), this.context.port.unsubscribe([this.channel])]);
    } catch (error) {
      this.doubt(error, 'giving back leases');
    }
  }

  private doubt(error: unknown, what: string): void {
    if (this.closed) {
      return;
    }
    this.doubtful = true;
    this.cancelRenewal ??= this.renewLater();
    // That Redis is away is told by its health.
    if (!(error instanceof SseError)) {
      this.context.onError(error, what);
    }
  }
}
