interface Request {
  readonly name: string;
  readonly owner: object;
  readonly grant: (lock: Lock) => Promise<unknown>;
}

/** Exclusive locks as Web Locks has them, for the tabs of one process. */
export class MemoryLocks {
  private readonly queues = new Map<string, Request[]>();

  /** What a tab sees as `navigator.locks`. */
  of(owner: object): LockManager {
    const request = (
      name: string,
      options: LockOptions,
      callback: (lock: Lock) => unknown,
    ): Promise<unknown> => this.request(owner, name, options, callback);
    return { request } as unknown as LockManager;
  }

  /** The tab is gone: what it has is free, and what it waits for it will not get. */
  crash(owner: object): void {
    for (const [name, queue] of this.queues) {
      const [holder] = queue;
      this.queues.set(
        name,
        queue.filter((request) => request.owner !== owner),
      );
      if (holder?.owner === owner) {
        this.next(name);
      }
    }
  }

  /** How many hold a lock or wait for one. */
  get size(): number {
    return [...this.queues.values()].flat().length;
  }

  private async request(
    owner: object,
    name: string,
    { signal }: LockOptions,
    callback: (lock: Lock) => unknown,
  ): Promise<unknown> {
    // The answer never comes in the turn of the question.
    await Promise.resolve();
    signal?.throwIfAborted();
    const queue = this.queues.get(name) ?? [];
    return new Promise((resolve, reject) => {
      const request: Request = {
        name,
        owner,
        grant: async (lock) => resolve(await callback(lock)),
      };
      this.queues.set(name, [...queue, request]);
      signal?.addEventListener('abort', () => {
        const waiting = this.queues.get(name) ?? [];
        if (waiting.indexOf(request) > 0) {
          this.queues.set(
            name,
            waiting.filter((other) => other !== request),
          );
          reject(signal.reason as Error);
        }
      });
      if (queue.length === 0) {
        this.next(name);
      }
    });
  }

  private next(name: string): void {
    const [request] = this.queues.get(name) ?? [];
    if (request) {
      void this.lend(request);
    }
  }

  private async lend(request: Request): Promise<void> {
    const { name, grant } = request;
    await grant({ name, mode: 'exclusive' });
    const queue = this.queues.get(name) ?? [];
    if (queue[0] === request) {
      this.queues.set(name, queue.slice(1));
      this.next(name);
    }
  }
}
