import type { Connection } from './delivery/connection.js';
import type { CloseReason } from './protocol/control-event.js';

/** A connection has opened, or has closed with its one reason. */
export type LifecycleEvent =
  | { readonly kind: 'open'; readonly connection: Connection }
  | {
      readonly kind: 'close';
      readonly connection: Connection;
      readonly reason: CloseReason;
      readonly error?: unknown;
    };
