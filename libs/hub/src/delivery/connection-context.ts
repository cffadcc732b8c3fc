import type { Clock } from '../clock.js';
import type { CloseReason, GapData } from '../protocol/control-event.js';

/** What a connection, a `C`, needs of its hub. */
export interface ConnectionContext<C> {
  readonly clock: Clock;
  /** When the hub was made; milliseconds since the Unix epoch. */
  readonly startedAt: number;
  readonly onOpen: (connection: C) => void;
  readonly onClose: (connection: C, reason: CloseReason, opened: boolean, error: unknown) => void;
  readonly onGap: (reason: GapData['reason']) => void;
  readonly onError: (error: unknown, what: string) => void;
}
