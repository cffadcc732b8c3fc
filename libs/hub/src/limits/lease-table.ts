import type { Lease, LeaseClaim, LeaseHolder, LeaseRefusal } from './lease-store.js';

/**
 * The counters behind the connection limits of one process. All claims are taken together or none is, without an await,
 * so that they are exact however many requests are under way.
 */
export class LeaseTable {
  private readonly held = new Map<string, number>();
  /** Those that can make room, in the order in which they came. */
  private readonly holders = new Map<string, Set<HeldSlots>>();

  /**
   * @param holder one that can make room later
   * @param evicts whether those that have been there for longest make room where a claim is used up
   * @returns the lease, or the first claim that is used up
   */
  take(claims: readonly LeaseClaim[], holder?: LeaseHolder, evicts = false): Lease | LeaseRefusal {
    const usedUp = this.firstUsedUp(claims);
    const leaving = usedUp && evicts ? this.leavingFor(claims) : new Map<HeldSlots, string>();
    if (usedUp && leaving.size === 0) {
      return { refused: usedUp };
    }
    leaving.forEach((_limit, slots) => slots.release());
    const slots = new HeldSlots(
      claims.map(({ key }) => key),
      this,
      holder,
    );
    claims.forEach(({ key }) => this.hold(key, slots));
    // Last, with all counts as they will be: who is told may do anything.
    leaving.forEach((limit, evicted) => evicted.holder?.evict(limit));
    return slots;
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
  giveBack(key: string, slots: HeldSlots): void {
    const left = this.count(key) - 1;
    if (left > 0) {
      this.held.set(key, left);
    } else {
      this.held.delete(key);
    }
    const holders = this.holders.get(key);
    if (holders?.delete(slots) && holders.size === 0) {
      this.holders.delete(key);
    }
  }

  private hold(key: string, slots: HeldSlots): void {
    this.held.set(key, this.count(key) + 1);
    if (slots.holder) {
      const holders = this.holders.get(key) ?? new Set();
      holders.add(slots);
      this.holders.set(key, holders);
    }
  }

  /** A key may be claimed more than once. */
  private firstUsedUp(claims: readonly LeaseClaim[]): LeaseClaim | undefined {
    return claims.find(({ key, max }, index) => {
      const before = claims.slice(0, index).filter((other) => other.key === key).length;
      return this.count(key) + before >= max;
    });
  }

  /**
   * Who must go for all claims to be granted, each with the limit it goes for; empty where that can't be. The last claims
   * come first: they are the narrower ones, and who goes for them leaves room in the wider ones as well.
   */
  private leavingFor(claims: readonly LeaseClaim[]): Map<HeldSlots, string> {
    const leaving = new Map<HeldSlots, string>();
    for (const { key, limit, max } of claims.toReversed()) {
      const wanted = claims.filter((other) => other.key === key).length;
      let over = this.count(key) + wanted - max;
      leaving.forEach((_limit, slots) => {
        over -= slots.count(key);
      });
      for (const slots of this.holders.get(key) ?? []) {
        if (over > 0 && !leaving.has(slots)) {
          leaving.set(slots, limit);
          over -= slots.count(key);
        }
      }
      if (over > 0) {
        return new Map();
      }
    }
    return leaving;
  }
}

class HeldSlots implements Lease {
  constructor(
    private keys: readonly string[],
    private readonly table: LeaseTable,
    readonly holder: LeaseHolder | undefined,
  ) {}

  count(key: string): number {
    return this.keys.filter((own) => own === key).length;
  }

  release(key?: string): void {
    const { keys } = this;
    this.keys = key === undefined ? [] : keys.filter((own) => own !== key);
    keys.forEach((own) => {
      if (key === undefined || own === key) {
        this.table.giveBack(own, this);
      }
    });
  }
}
