import { retryAfterMs } from './backoff.js';
import type { ControlEvents, GoodbyeData } from './events.js';
import { type Block, eventStreamReader } from './event-stream.js';
import { LAST_EVENT_ID, headerOfId } from './last-event-id.js';
import type { PerAttempt, SseAttempt } from './options.js';
import { SseClientError } from './sse-client-error.js';
import type { SourceContext } from './source.js';
import { createWatchdog } from './watchdog.js';

/** How long a poll may wait at the server; seconds. */
const POLL_S = 25;
/** How many times the server's heartbeat it may be quiet. */
const HEARTBEATS = 2.5;

/** What a connection remembers over its attempts. */
export interface Life {
  /** The server's reconnection time; milliseconds. */
  retryMs: number | undefined;
  polls: boolean;
  /** Attempts that have failed in a row. */
  failures: number;
  error: SseClientError | undefined;
}

/** How an attempt has ended. */
export interface End {
  /** None if the server has ended it as it should, or it was given up from here. */
  readonly error?: SseClientError | undefined;
  /** There is to be no other. */
  readonly final?: boolean;
  /** What the server has asked for; milliseconds. */
  readonly delayMs?: number | undefined;
  /** Whether it has brought events of the application. */
  readonly lively?: boolean;
  /** The answer to a poll is complete. */
  readonly polled?: boolean;
}

/** One request, and the stream that answers it. Ends when `control` is aborted; never rejects. */
export async function attempt(context: SourceContext, life: Life, control: AbortController): Promise<End> {
  const { options, sink, stats } = context;
  const { signal } = control;
  let failure: SseClientError | undefined;
  let opened = false;
  let lively = false;
  let goodbye: GoodbyeData | undefined;
  const watchdog = createWatchdog(() => {
    failure = opened
      ? new SseClientError('STALLED', 'Nothing has come for too long.')
      : new SseClientError('STREAM_BLOCKED', 'The first bytes have not come.');
    control.abort();
  });
  const onBlock = (block: Block): void => {
    if (signal.aborted || goodbye) {
      return;
    }
    if (block.type === 'sse:goodbye') {
      goodbye = JSON.parse(block.data ?? '') as GoodbyeData;
    } else if (block.type === 'sse:connected' && options.heartbeatMs === undefined) {
      const { heartbeatMs = 0 } = JSON.parse(block.data ?? '') as ControlEvents['sse:connected'];
      watchdog.limit(heartbeatMs * HEARTBEATS);
    }
    lively ||= block.data !== undefined && !block.type.startsWith('sse:');
    sink.block(block);
  };
  try {
    const init = await requestOf(context, life, signal);
    watchdog.limit(options.openTimeoutMs + (life.polls ? POLL_S * 1_000 : 0));
    stats.request();
    const response = await (options.fetch ?? fetch)(options.url, init);
    const refusal = refusalOf(response, context, life);
    if (refusal) {
      return refusal;
    }
    const polled = response.headers.has('Preference-Applied');
    stats.open();
    sink.change({
      status: 'open',
      transport: polled ? 'poll' : 'stream',
      retryAt: undefined,
      error: undefined,
    });
    const read = eventStreamReader({ onBlock, onRetry: (ms) => (life.retryMs = ms) }, options.maxEventLength);
    const reader = (response.body as ReadableStream<Uint8Array>).getReader();
    for (let chunk = await reader.read(); !chunk.done && !goodbye; chunk = await reader.read()) {
      stats.chunk(chunk.value.length);
      watchdog.seen();
      read(chunk.value);
      await sink.ready();
    }
    if (goodbye) {
      const { reason, retryMs = life.retryMs ?? 0 } = goodbye;
      return reason === 'complete' ? { final: true } : { delayMs: retryMs, lively };
    }
    return polled
      ? { polled, lively }
      : { error: new SseClientError('NETWORK', 'The stream has ended.'), lively };
  } catch (error) {
    if (signal.aborted && !failure) {
      return { delayMs: 0 };
    }
    failure ??=
      error instanceof SseClientError
        ? error
        : new SseClientError('NETWORK', 'The connection has failed.', { cause: error });
    return { error: failure, final: failure.code === 'EVENT_TOO_LARGE', lively };
  } finally {
    watchdog.stop();
    // Whatever is left of the response goes, and its socket with it.
    control.abort();
  }
}

async function requestOf(
  { options, cursor }: SourceContext,
  { polls, failures, error }: Life,
  signal: AbortSignal,
): Promise<RequestInit> {
  const { method, credentials } = options;
  const attempted: SseAttempt = { number: failures, lastEventId: cursor.id, error };
  try {
    const headers = new Headers(await valueOf(options.headers, attempted));
    headers.set('Accept', 'text/event-stream');
    if (cursor.id !== '') {
      headers.set(LAST_EVENT_ID, headerOfId(cursor.id));
    }
    if (polls) {
      headers.set('Prefer', `wait=${POLL_S}`);
    }
    const body = await valueOf(options.body, attempted);
    return { method, headers, body, credentials, cache: 'no-store', signal };
  } catch (cause) {
    throw new SseClientError('REQUEST_FAILED', 'The request could not be made.', { cause });
  }
}

function valueOf<T>(given: PerAttempt<T> | undefined, attempted: SseAttempt): T | Promise<T> | undefined {
  return typeof given === 'function' ? (given as (attempted: SseAttempt) => T)(attempted) : given;
}

/** What to do about a response that is no stream; `undefined`: it is one. */
function refusalOf(response: Response, { options }: SourceContext, life: Life): End | undefined {
  const { status, headers, ok } = response;
  if (status === 204 || status === 205) {
    return { final: true };
  }
  if (ok) {
    return headers.get('Content-Type')?.startsWith('text/event-stream')
      ? undefined
      : {
          final: true,
          error: new SseClientError('NOT_AN_EVENT_STREAM', 'The answer is no event stream.', { status }),
        };
  }
  const error = new SseClientError('HTTP_STATUS', `The server has answered ${status}.`, { status });
  if (status === 401 && typeof options.headers === 'function' && life.error?.status !== 401) {
    return { error, delayMs: 0 };
  }
  const passing = status >= 500 || [408, 425, 429].includes(status);
  return { error, final: !passing, delayMs: retryAfterMs(headers.get('Retry-After')) };
}
