import type { Connection } from './delivery/connection.js';
import type { CloseReason } from './protocol/control-event.js';

/** A connection has opened, or has closed with its one reason. */
export type LifecycleEvent<C extends Connection = Connection> =
  | { readonly kind: 'open'; readonly connection: C }
  | {
      readonly kind: 'close';
      readonly connection: C;
      readonly reason: CloseReason;
      readonly error?: unknown;
    };
