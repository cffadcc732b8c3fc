import { assertCloseReason } from './protocol/control-event.js';

/** Why the application may end streams. */
export type DisconnectReason = 'server' | 'revoked';
const reasons: readonly DisconnectReason[] = ['server', 'revoked'];

/** @throws SseError `INVALID_OPTION` */
export function assertDisconnectReason(reason: unknown): asserts reason is DisconnectReason {
  assertCloseReason(reason, reasons);
}
