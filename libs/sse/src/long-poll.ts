import type { IncomingMessage } from 'node:http';
import type { ChannelOpenOptions } from '@nestcast/hub';
import { preferredWait } from './prefer.js';
import type { LongPollOptions } from './sse.options.js';

const APPLIED = 'Preference-Applied';

/**
 * How a request for channels is answered that would rather wait than stream; `undefined`: with a stream. [spec] RFC 7240 3: what is
 * told is what is done. No `Vary`, since no cache may store any of these answers.
 *
 * A page of another origin that CORS lets read the answer must see that it is one: taken for a stream that broke off, it would be
 * asked for ever later. [spec] Fetch: Access-Control-Expose-Headers
 */
export function longPollOf(
  { headers }: IncomingMessage,
  { maxWaitMs }: LongPollOptions,
): Pick<ChannelOpenOptions, 'longPollMs' | 'headers'> | undefined {
  // Node joins repeated ones into one list.
  const wait = maxWaitMs > 0 ? preferredWait(headers.prefer?.toString()) : undefined;
  if (wait === undefined) {
    return undefined;
  }
  const seconds = Math.min(wait, Math.floor(maxWaitMs / 1_000));
  return {
    longPollMs: seconds * 1_000,
    headers: {
      [APPLIED]: `wait=${seconds}`,
      ...(headers.origin !== undefined && { 'Access-Control-Expose-Headers': APPLIED }),
    },
  };
}
