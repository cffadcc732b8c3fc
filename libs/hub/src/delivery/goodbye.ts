import type { Clock } from '../clock.js';
import { type GoodbyeData, goodbyeFrame } from '../protocol/control-event.js';
import { Payload } from '../protocol/payload.js';
import { flushed } from '../transport/flushed.js';
import type { Transport } from '../transport/transport.js';
import type { WireWriter } from './wire-writer.js';

/** How long a client may take to read the end of its stream before it is cut off; milliseconds. */
const LAST_READ_MS = 5_000;

/**
 * Ends a stream with its last event.
 *
 * @throws what the response does, which middleware may have wrapped
 */
export function sayGoodbye(writer: WireWriter, transport: Transport, clock: Clock, data: GoodbyeData): void {
  void flushed(transport, LAST_READ_MS, clock);
  writer.end(new Payload(goodbyeFrame(data)));
}
