import type { IncomingMessage } from 'node:http';
import { type CompressionOptions, type ContentCoding, type SharedCoding, zstdSupported } from '@nestcast/hub';
import Negotiator from 'negotiator';

const EVENT_STREAM = 'text/event-stream';

/** A coding that compresses. */
export type Encoding = Exclude<ContentCoding, 'identity'>;

/** Whether the client's `Accept` lets an event stream through; one that is missing or empty does. [spec] RFC 9110 12.5.1 */
export function acceptsEventStream(request: IncomingMessage): boolean {
  const { accept } = request.headers;
  // What an EventSource sends needs no negotiation.
  return (
    !accept || accept === EVENT_STREAM || new Negotiator(request).mediaType([EVENT_STREAM]) !== undefined
  );
}

/** What a stream can be compressed with. */
export interface OfferedEncodings {
  /** Those that this Node.js can write. */
  readonly all: readonly Encoding[];
  /** Those that a stream of channels can have, whose bytes all connections share. */
  readonly shared: readonly Exclude<SharedCoding, 'identity'>[];
}

const NONE: OfferedEncodings = { all: [], shared: [] };
/** Worked out once for the options of a route. */
const offers = new WeakMap<CompressionOptions, OfferedEncodings>();

export function offeredEncodings(compression: CompressionOptions | undefined): OfferedEncodings {
  if (!compression) {
    return NONE;
  }
  let offer = offers.get(compression);
  if (!offer) {
    const all = compression.encodings.filter((encoding) => encoding !== 'zstd' || zstdSupported);
    offer = { all, shared: all.filter((encoding) => encoding !== 'br') };
    offers.set(compression, offer);
  }
  return offer;
}

/** The coding that the client likes best of those that are offered; among equals the offer's order counts. [spec] RFC 9110 12.5.3 */
export function negotiateCoding<E extends Encoding>(
  request: IncomingMessage,
  offered: readonly E[],
): E | 'identity' {
  if (offered.length === 0) {
    return 'identity';
  }
  const accepted = new Negotiator(request).encodings([...offered, 'identity'], { preferred: [...offered] });
  return (accepted[0] as E | 'identity' | undefined) ?? 'identity';
}
