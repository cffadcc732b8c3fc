import type { ContentCoding } from '../protocol/payload.js';

/**
 * Headers of every event stream: UTF-8 as the standard has it, stored and rewritten by nobody, buffered by no nginx.
 *
 * @param negotiable whether another request could have got another coding, which `Vary` tells caches
 */
export function eventStreamHeaders(coding: ContentCoding, negotiable: boolean): Record<string, string> {
  return {
    'Content-Type': 'text/event-stream; charset=utf-8',
    'Cache-Control': 'no-store, no-transform',
    'X-Accel-Buffering': 'no',
    ...(coding !== 'identity' && { 'Content-Encoding': coding }),
    ...(negotiable && { Vary: 'Accept-Encoding' }),
  };
}
