import type { EventId } from '../event.js';
import type { ConnectionLease } from '../limits/lease-store.js';
import type { Transport } from '../transport/transport.js';

/**
 * Where a connection stands: `opening` (nothing sent yet) → `replaying` (reads the log) → `live` (gets every batch) →
 * `closed`; one that reads too slowly goes to `lagging` (waits for its socket) and back through `replaying`. A private
 * stream has no log and is `live` from its opening on.
 */
export type ConnectionState = 'opening' | 'replaying' | 'live' | 'lagging' | 'closed';

export type ConnectionLabels = Readonly<Record<string, string>>;

/** What is known of a connection from its request. */
export interface ConnectionInit {
  /** Who it belongs to. */
  readonly userId: string | undefined;
  /** Which of the application's customers it belongs to, where there are several. */
  readonly tenant?: string | undefined;
  /** The client's address, as the application's server resolves it. */
  readonly ip: string | undefined;
  readonly lastEventId: EventId | undefined;
  /**
   * When its right to be here was found out; milliseconds since the Unix epoch. If that has been taken back since, the
   * connection is closed from the beginning, with the reason `revoked`. Default: it is as good as found out now.
   */
  readonly entitledAt?: number | undefined;
  readonly transport: Transport;
  /** What metrics tell it apart by: few values, whatever clients do. One object for all connections that are alike. */
  readonly labels?: ConnectionLabels | undefined;
  /** Given back when it closes. */
  readonly lease?: ConnectionLease | undefined;
}
