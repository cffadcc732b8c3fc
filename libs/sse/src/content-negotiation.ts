import type { IncomingMessage } from 'node:http';
import { type CompressionOptions, type ContentCoding, zstdSupported } from '@nestcast/hub';
import Negotiator from 'negotiator';

const EVENT_STREAM = 'text/event-stream';

/** Whether the client's `Accept` lets an event stream through; one that is missing or empty does. [spec] RFC 9110 12.5.1 */
export function acceptsEventStream(request: IncomingMessage): boolean {
  return !request.headers.accept || new Negotiator(request).mediaType([EVENT_STREAM]) !== undefined;
}

/** The coding that the client likes best of those that the route offers; among equals the route's order counts. */
export function negotiateCoding(
  request: IncomingMessage,
  compression: CompressionOptions | undefined,
): ContentCoding {
  const offered = (compression?.encodings ?? []).filter((encoding) => encoding !== 'zstd' || zstdSupported);
  if (offered.length === 0) {
    return 'identity';
  }
  const accepted = new Negotiator(request).encodings([...offered, 'identity'], { preferred: [...offered] });
  return (accepted[0] as ContentCoding | undefined) ?? 'identity';
}
