import type { Lease, LeaseClaim, LeaseHolder, LeaseRefusal, LeaseStore } from '../../limits/lease-store.js';
import type { Primary } from './primary.js';

/** The limits of a cluster as a worker asks for them: its primary counts. */
export class WorkerLeases implements LeaseStore {
  /** Those that can make room, by the number of their lease. */
  private readonly holders = new Map<number, LeaseHolder>();
  private leases = 0;

  constructor(private readonly primary: Primary) {}

  async take(
    claims: readonly LeaseClaim[],
    holder?: LeaseHolder,
    evicts = false,
  ): Promise<Lease | LeaseRefusal> {
    this.leases += 1;
    const number = this.leases;
    if (holder) {
      this.holders.set(number, holder);
    }
    try {
      const question = { lease: number, claims, holder: holder !== undefined, evicts };
      const { refused } = await this.primary.ask('take', question);
      if (!refused) {
        return { release: (key) => this.release(number, key) };
      }
      this.holders.delete(number);
      return { refused };
    } catch (error) {
      // It may be taken all the same, and nobody will know.
      this.release(number);
      throw error;
    }
  }

  countOpen(key: string, perMinute: number): Promise<number> {
    return this.primary.ask('countOpen', { key, perMinute });
  }

  /** The primary has given the lease to another. */
  evict(number: number, limit: string): void {
    const holder = this.holders.get(number);
    this.holders.delete(number);
    holder?.evict(limit);
  }

  private release(number: number, key?: string): void {
    if (key === undefined) {
      this.holders.delete(number);
    }
    this.primary.tell({ kind: 'release', lease: number, key });
  }
}
