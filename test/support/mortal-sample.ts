import type { InboxTraffic } from './inbox-traffic.js';
import type { Query } from './inbox-verdict.js';

/** The sample, whose processes are killed. */
export interface MortalSample {
  /** Where a request may go to, whether anybody is there or not. */
  origin(): string;
  /** Kills one of its processes; resolves when another can answer. */
  kill(): Promise<void>;
  /** Has a notification committed whose event isn't published, because of a kill; resolves when all can answer again. */
  killBeforePublishing(traffic: InboxTraffic): Promise<void>;
  /** Ends it in peace, and asks its database. */
  end<T>(ask: (query: Query) => Promise<T>): Promise<T>;
  /** Leaves nothing of it. */
  destroy(): Promise<void>;
}
