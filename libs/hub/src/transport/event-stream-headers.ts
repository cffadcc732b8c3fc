import type { ContentCoding } from '../protocol/payload.js';

const ALWAYS = {
  'Content-Type': 'text/event-stream; charset=utf-8',
  'Cache-Control': 'no-store, no-transform',
  'X-Accel-Buffering': 'no',
};
/** Made once for each kind of stream. */
const kinds = new Map<string, Readonly<Record<string, string>>>();

/**
 * Headers of every event stream: UTF-8 as the standard has it, stored and rewritten by nobody, buffered by no nginx.
 *
 * @param negotiated whether another request could have got another coding, which `Vary` tells caches
 */
export function eventStreamHeaders(
  coding: ContentCoding,
  negotiated: boolean,
): Readonly<Record<string, string>> {
  const kind = `${coding} ${negotiated}`;
  let headers = kinds.get(kind);
  if (!headers) {
    headers = Object.freeze({
      ...ALWAYS,
      ...(coding !== 'identity' && { 'Content-Encoding': coding }),
      ...(negotiated && { Vary: 'Accept-Encoding' }),
    });
    kinds.set(kind, headers);
  }
  return headers;
}
