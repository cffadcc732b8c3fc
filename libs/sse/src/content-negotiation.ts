import type { IncomingMessage } from 'node:http';
import { type ContentCoding, type SharedCoding, zstdSupported } from '@nestcast/hub';
import Negotiator from 'negotiator';

const EVENT_STREAM = 'text/event-stream';

/** A coding that compresses. */
export type Encoding = Exclude<ContentCoding, 'identity'>;

/** Whether the client's `Accept` lets an event stream through; one that is missing or empty does. [spec] RFC 9110 12.5.1 */
export function acceptsEventStream(request: IncomingMessage): boolean {
  return !request.headers.accept || new Negotiator(request).mediaType([EVENT_STREAM]) !== undefined;
}

/** Those that this Node.js can write. */
export function writableEncodings(encodings: readonly Encoding[]): Encoding[] {
  return encodings.filter((encoding) => encoding !== 'zstd' || zstdSupported);
}

/** Those that a stream of channels can have, whose bytes all connections share. */
export function sharedEncodings(encodings: readonly Encoding[]): Exclude<SharedCoding, 'identity'>[] {
  return encodings.filter((encoding) => encoding !== 'br');
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
