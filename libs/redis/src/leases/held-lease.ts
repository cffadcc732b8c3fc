import type { Lease, LeaseHolder } from '@nestcast/hub';

/** Told what has been given back: all of it, or what counts under one key. */
export type OnRelease = (lease: HeldLease, key: string | undefined) => void;

/** A lease that this node has been given. */
export class HeldLease implements Lease {
  /** Redis may not know of all that has been given back. */
  doubtful = false;

  /**
   * @param id which of the node's leases it is
   * @param since when it was taken, in Redis's microseconds: the oldest make room first
   * @param left the keys that it still counts under, one for each claim
   */
  constructor(
    readonly id: string,
    readonly since: string,
    private left: readonly string[],
    readonly holder: LeaseHolder | undefined,
    private readonly onRelease: OnRelease,
  ) {}

  get keys(): readonly string[] {
    return this.left;
  }

  release(key?: string): void {
    if (key === undefined ? this.left.length > 0 : this.left.includes(key)) {
      this.left = key === undefined ? [] : this.left.filter((own) => own !== key);
      this.onRelease(this, this.left.length === 0 ? undefined : key);
    }
  }
}
