import type { Clock } from '../clock.js';
import type { Lease, LeaseClaim, LeaseHolder, LeaseRefusal, LeaseStore } from './lease-store.js';
import { LeaseTable } from './lease-table.js';
import { OpenRate } from './open-rate.js';

/** The limits of one node by itself, where its broker has none to share. */
export class NodeLeases implements LeaseStore {
  private readonly table = new LeaseTable();
  private readonly rate: OpenRate;

  constructor(clock: Clock) {
    this.rate = new OpenRate(clock);
  }

  take(claims: readonly LeaseClaim[], holder?: LeaseHolder, evicts = false): Lease | LeaseRefusal {
    return this.table.take(claims, holder, evicts);
  }

  countOpen(key: string, perMinute: number): number {
    return this.rate.take(key, perMinute);
  }

  /** How many keys are held at all: 0 when nothing is open. */
  get size(): number {
    return this.table.size;
  }

  /** Lets go of its timer. */
  close(): void {
    this.rate.clear();
  }
}
