import type { Clock } from './clock.js';
import type { PressureProbe } from './pressure/pressure-probe.js';
import type { HubObserver } from './hub-observer.js';

/** What a hub needs of the process that it runs in. */
export interface HubEnvironment {
  /** Reports errors that nobody waits for. */
  readonly onError: (error: unknown, what: string) => void;
  /** Default: a {@link TimerWheel}. */
  readonly clock?: Clock;
  /** Tells how the process fares. Default: Node's own figures. */
  readonly probe?: PressureProbe | undefined;
  /** Default: nobody. */
  readonly observer?: HubObserver | undefined;
  /** How long a right may be known before a connection is made of it (a ticket's life); milliseconds. Default 60,000. */
  readonly rightsMs?: number | undefined;
  /**
   * How much of what came in of late the node keeps at hand for clients that lag a moment: events (never more than the
   * history has of a channel) and characters of their data. Default 1,024 and 4,194,304.
   */
  readonly recent?: { readonly maxEvents: number; readonly maxLength: number };
}
