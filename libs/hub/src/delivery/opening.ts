import { type OpenOptions, jittered } from '../hub-options.js';
import { RETURN_ID, connectedFrame } from '../protocol/control-event.js';
import { idFrame, retryFrame } from '../protocol/frame.js';
import { eventStreamHeaders } from '../transport/event-stream-headers.js';

/** What a stream begins with. */

export function openingHeaders({
  coding,
  negotiated,
  headers,
}: OpenOptions): Readonly<Record<string, string>> {
  const common = eventStreamHeaders(coding, negotiated);
  return headers ? { ...common, ...headers } : common;
}

/** @param priming the frame of the client's first id; empty: it has none yet */
export function openingFrames(
  connectionId: string,
  { retry, heartbeat, marksReturn = false }: OpenOptions,
  priming: string,
): string {
  const connected = connectedFrame({ connectionId, heartbeatMs: heartbeat.intervalMs });
  const id = priming === '' && marksReturn ? idFrame(RETURN_ID) : priming;
  return retryFrame(jittered(retry.ms, retry.jitter)) + connected + id;
}
