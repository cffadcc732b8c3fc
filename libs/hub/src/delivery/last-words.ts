import type { Clock } from '../clock.js';
import type { EventId } from '../event.js';
import { type GoodbyeData, goodbyeFrame } from '../protocol/control-event.js';
import { idFrame } from '../protocol/frame.js';
import { Payload } from '../protocol/payload.js';
import { flushed } from '../transport/flushed.js';
import type { Transport } from '../transport/transport.js';
import type { WireWriter } from './wire-writer.js';

/** How long a client may take to read the end of its stream before it is cut off; milliseconds. */
const LAST_READ_MS = 5_000;
/** The same for one that has no right to it any more, and is to be gone within a second. */
const LAST_READ_WITHOUT_RIGHT_MS = 900;

/** The last that a client is told. */
export interface LastWords {
  readonly frames: string;
  readonly readWithinMs: number;
}

export function goodbye(data: GoodbyeData): LastWords {
  const withoutRight = data.reason === 'revoked' || data.reason === 'expired';
  return {
    frames: goodbyeFrame(data),
    readWithinMs: withoutRight ? LAST_READ_WITHOUT_RIGHT_MS : LAST_READ_MS,
  };
}

/** The place to come back with, and nothing that would keep the client from it. */
export function untilNextTime(id: EventId): LastWords {
  return { frames: idFrame(id), readWithinMs: LAST_READ_MS };
}

/**
 * Ends a stream.
 *
 * @throws what the response does, which middleware may have wrapped
 */
export function endWith(
  { frames, readWithinMs }: LastWords,
  writer: WireWriter,
  transport: Transport,
  clock: Clock,
): void {
  void flushed(transport, readWithinMs, clock);
  writer.end(new Payload(frames));
}
