/** One limit that a connection counts against. */
export interface LeaseClaim {
  /** What is counted, for instance `user:42`. */
  readonly key: string;
  /** Which limit it is, for the refusal and its counter. */
  readonly limit: string;
  /** How many may hold it at once. */
  readonly max: number;
}

/** Counted slots. {@link release} gives them back; more often than once is harmless. */
export interface Lease {
  /** @param key given back alone; default: all of them */
  release(key?: string): void;
}

/** What a connection holds: some of it for one of its channels alone. */
export interface ConnectionLease extends Lease {
  /** Gives back what is held for a channel that the connection is taken out of. */
  leave(channel: string): void;
}

/** One that can make room for another. */
export interface LeaseHolder {
  /** Its lease has been given to another that counts against the same limit. Must not throw. */
  evict(limit: string): void;
}

/** The first claim that is used up. */
export interface LeaseRefusal {
  readonly refused: LeaseClaim;
}

export type Awaitable<T> = T | Promise<T>;

/**
 * Where the slots of limits are counted: on this node, or by a broker that its nodes share. An answer that is there at once
 * is taken at once, without an await; one that takes time is waited for before anything else is done for the request.
 *
 * A store of several nodes gives each lease an end, and renews it for as long as its node lives: a node that dies loses
 * its leases by themselves. That is the store's own business, as are its timers. When it can't answer it rejects with
 * `BROKER_UNAVAILABLE`, and the request is refused; a lease that nobody has been told of must come back by its end.
 */
export interface LeaseStore {
  /**
   * Takes all claims together or none, atomically over all nodes: never are there more holders of a key than its `max`.
   *
   * @param holder one that can make room later; the store calls its `evict()` on the node where it lives. Without it the
   * lease is kept until it is released.
   * @param evicts where a claim is used up, whether its holder that has been there for longest makes room. It is evicted
   * before this resolves or soon after, and no longer counts. One without a `holder` never makes room.
   */
  take(
    claims: readonly LeaseClaim[],
    holder?: LeaseHolder,
    evicts?: boolean,
  ): Awaitable<Lease | LeaseRefusal>;

  /**
   * Counts an open against a rate, over the last minute.
   *
   * @returns 0 if it is within the limit (only then is it counted), else the milliseconds until the next may be
   */
  countOpen(key: string, perMinute: number): Awaitable<number>;
}
