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
  release(): void;
}

/** What a connection holds: some of it for one of its channels alone. */
export interface ConnectionLease extends Lease {
  /** Gives back what is held for a channel that the connection is taken out of. */
  leave(channel: string): void;
}

/**
 * The counters behind the connection limits of one process. All claims are taken together or none is, without an await,
 * so that they are exact however many requests are under way.
 */
export class LeaseTable {
  private readonly held = new Map<string, number>();

  /** @returns the lease, or the first claim that is used up */
  take(claims: readonly LeaseClaim[]): Lease | { readonly refused: LeaseClaim } {
    for (const [index, claim] of claims.entries()) {
      const held = this.count(claim.key);
      if (held >= claim.max) {
        claims.slice(0, index).forEach(({ key }) => this.giveBack(key));
        return { refused: claim };
      }
      this.held.set(claim.key, held + 1);
    }
    return new HeldSlots(
      claims.map(({ key }) => key),
      this,
    );
  }

  /** How many hold the key now. */
  count(key: string): number {
    return this.held.get(key) ?? 0;
  }

  /** How many keys are held at all: 0 when nothing is open. */
  get size(): number {
    return this.held.size;
  }

  /** @internal */
  giveBack(key: string): void {
    const left = (this.held.get(key) ?? 0) - 1;
    if (left > 0) {
      this.held.set(key, left);
    } else {
      this.held.delete(key);
    }
  }
}

class HeldSlots implements Lease {
  constructor(
    private keys: readonly string[],
    private readonly table: LeaseTable,
  ) {}

  release(): void {
    const { keys } = this;
    this.keys = [];
    keys.forEach((key) => this.table.giveBack(key));
  }
}
