import type { Clock } from '../clock.js';
import { type GoodbyeData, goodbyeFrame } from '../protocol/control-event.js';
import { Payload } from '../protocol/payload.js';
import { flushed } from '../transport/flushed.js';
import type { Transport } from '../transport/transport.js';
import type { WireWriter } from './wire-writer.js';

/** How long a client may take to read the end of its stream before it is cut off; milliseconds. */
const LAST_READ_MS = 5_000;
/** The same for one that has no right to it any more, and is to be gone within a second. */
const LAST_READ_WITHOUT_RIGHT_MS = 900;

/**
 * Ends a stream with its last event.
 *
 * @throws what the response does, which middleware may have wrapped
 */
export function sayGoodbye(writer: WireWriter, transport: Transport, clock: Clock, data: GoodbyeData): void {
  const withoutRight = data.reason === 'revoked' || data.reason === 'expired';
  void flushed(transport, withoutRight ? LAST_READ_WITHOUT_RIGHT_MS : LAST_READ_MS, clock);
  writer.end(new Payload(goodbyeFrame(data)));
}
