import { delayBefore } from './backoff.js';
import type { ControlEvents, GoodbyeData } from './events.js';
import { type Block, eventStreamReader } from './event-stream.js';
import type { End, Life } from './life.js';
import { parseData } from './options.js';
import { SseClientError } from './sse-client-error.js';
import type { SourceContext } from './source.js';
import { unlessAborted } from './unless-aborted.js';
import type { Watchdog } from './watchdog.js';

/** How many times the server's heartbeat it may be quiet. */
const HEARTBEATS = 2.5;

/** What has come of an answer so far. */
export interface Answer {
  /** When its headers came; milliseconds since the Unix epoch. */
  openedAt: number;
  /** Whether bytes have come. */
  flows: boolean;
  /** Whether events of the application have come. */
  lively: boolean;
  goodbye?: Partial<GoodbyeData>;
}

export interface Reading {
  readonly signal: AbortSignal;
  readonly watchdog: Watchdog;
  readonly answer: Answer;
}

/**
 * Reads a stream, or the answer to a poll, to its end or to a goodbye.
 *
 * @throws what the body throws, and SseClientError `EVENT_TOO_LARGE`
 */
export async function readAnswer(
  { body, headers }: Response,
  { options, sink, stats }: SourceContext,
  life: Life,
  { signal, watchdog, answer }: Reading,
): Promise<End> {
  const polled = headers.has('Preference-Applied');

  function onBlock(block: Block): void {
    const { type, data } = block;
    // A listener may have closed it in the middle of a chunk.
    if (signal.aborted || answer.goodbye) {
      return;
    }
    if (data !== undefined) {
      if (type === 'sse:goodbye') {
        answer.goodbye = controlData<GoodbyeData>(data);
      } else if (type === 'sse:connected' && options.heartbeatMs === undefined && !polled) {
        watchdog.limit(Number(controlData<ControlEvents['sse:connected']>(data).heartbeatMs) * HEARTBEATS);
      }
      answer.lively ||= !type.startsWith('sse:');
    }
    sink.block(block);
  }

  if (life.waitS !== undefined && !polled) {
    // It knows no polls, and was only quiet: from now on it is streamed from, however quiet it is.
    life.waitS = undefined;
    life.openTimeoutMs = 0;
    watchdog.limit(0);
  }
  answer.openedAt = Date.now();
  stats.open();
  sink.change({
    status: 'open',
    transport: polled ? 'poll' : 'stream',
    attempt: 0,
    retryAt: undefined,
    error: undefined,
  });
  const read = eventStreamReader({ onBlock, onRetry: (ms) => (life.retryMs = ms) }, options.maxEventLength);
  const reader = (body as ReadableStream<Uint8Array>).getReader();
  while (!answer.goodbye) {
    const { done, value } = await unlessAborted(signal, reader.read());
    if (done) {
      return polled ? { polled } : { error: new SseClientError('NETWORK', 'The stream has ended.') };
    }
    if (!answer.flows && !polled) {
      watchdog.limit((options.heartbeatMs ?? 0) * HEARTBEATS);
    }
    answer.flows = true;
    watchdog.seen();
    stats.chunk(value.length);
    read(value);
    const ready = sink.ready();
    if (ready) {
      // What isn't read can't be a sign of life.
      watchdog.stop();
      await unlessAborted(signal, ready);
      watchdog.limit();
    }
  }
  signal.throwIfAborted();
  const { reason, retryMs } = answer.goodbye;
  return reason === 'complete'
    ? { final: true }
    : { delayMs: Number(retryMs) >= 0 ? retryMs : delayBefore(0, life.retryMs, options.backoff) };
}

/** Data of the server's own; an object whatever has come. */
function controlData<Data>(text: string): Partial<Data> {
  return Object(parseData(text)) as Partial<Data>;
}
