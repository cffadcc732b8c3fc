import type { ControlEvents, GoodbyeData } from './events.js';
import { type Block, eventStreamReader } from './event-stream.js';
import type { End, Life } from './life.js';
import { parseData } from './options.js';
import { refusalOf } from './refusal.js';
import { requestOf } from './request.js';
import { calm } from './snapshot.js';
import { SseClientError } from './sse-client-error.js';
import type { SourceContext } from './source.js';
import { createWatchdog } from './watchdog.js';

/** How many times the server's heartbeat it may be quiet. */
const HEARTBEATS = 2.5;
/** How long a stream must have lived to be no failure though it has brought nothing; milliseconds. */
const STABLE_MS = 5_000;
/** What is read before it is asked whether there is room for more. A browser whose page was busy brings half a mebibyte at once. */
const PIECE_BYTES = 2 ** 14;

/**
 * One request, and what answers it. Never rejects.
 *
 * @param control ends it when it is aborted
 * @returns `undefined` if it was aborted from outside
 */
export async function attempt(
  context: SourceContext,
  life: Life,
  control: AbortController,
): Promise<End | undefined> {
  const { options, sink, stats } = context;
  const { heartbeatMs } = options;
  const { signal } = control;
  /** When the first bytes came; milliseconds since the Unix epoch. */
  let flowsSince = 0;
  let lively = false;
  let polled = false;
  let goodbye: Partial<GoodbyeData> | undefined;
  let failure: SseClientError | undefined;
  let giveUp: (() => void) | undefined;
  const watchdog = createWatchdog(() => {
    failure = new SseClientError(flowsSince ? 'STALLED' : 'STREAM_BLOCKED');
    control.abort();
  });

  /** What a promise comes to. One at a time; why it was aborted is known elsewhere. */
  function unlessAborted<T>(promise: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      promise.then(resolve, reject);
      giveUp = reject;
      if (signal.aborted) {
        giveUp();
      }
    });
  }

  function onBlock(block: Block): void {
    const { type, data } = block;
    // A listener may have closed it in the middle of a chunk.
    if (signal.aborted || goodbye) {
      return;
    }
    if (data !== undefined) {
      if (type === 'sse:goodbye') {
        goodbye = controlData<GoodbyeData>(data);
      } else if (type === 'sse:connected' && heartbeatMs === undefined) {
        watchdog.limit(Number(controlData<ControlEvents['sse:connected']>(data).heartbeatMs) * HEARTBEATS);
      }
      lively ||= !type.startsWith('sse:');
    }
    sink.block(block);
  }

  function onOpen(): void {
    if (life.waitS !== undefined && !polled) {
      // It knows no polls and was only quiet: from now on it is streamed from, however quiet it is.
      life.waitS = undefined;
      life.openTimeoutMs = 0;
      watchdog.limit(0);
    }
    stats.open();
    sink.change({ ...calm, status: 'open', transport: polled ? 'poll' : 'stream' });
  }

  async function readBody(body: ReadableStream<Uint8Array>): Promise<End> {
    onOpen();
    const read = eventStreamReader({ onBlock, onRetry: (ms) => (life.retryMs = ms) }, options.maxEventLength);
    const reader = body.getReader();
    for (;;) {
      const { done, value } = await unlessAborted(reader.read());
      if (done) {
        return polled ? { polled } : { error: new SseClientError('NETWORK') };
      }
      if (flowsSince) {
        watchdog.seen();
      } else {
        flowsSince = Date.now();
        watchdog.limit((heartbeatMs ?? 0) * HEARTBEATS);
      }
      stats.chunk(value.length);
      for (let from = 0; from < value.length; from += PIECE_BYTES) {
        read(value.subarray(from, from + PIECE_BYTES));
        if (goodbye) {
          // A listener of it may want something else.
          signal.throwIfAborted();
          return { delayMs: goodbye.retryMs, final: goodbye.reason === 'complete' };
        }
        const ready = sink.ready();
        if (ready) {
          // What isn't read can't be a sign of life.
          watchdog.stop();
          await unlessAborted(ready);
          watchdog.limit();
        }
      }
    }
  }

  signal.addEventListener('abort', () => giveUp?.());
  let end: End;
  try {
    signal.throwIfAborted();
    const init = await unlessAborted(requestOf(context, life));
    watchdog.limit(life.openTimeoutMs && life.openTimeoutMs + (life.waitS ?? 0) * 1_000);
    stats.request();
    const response = await unlessAborted((options.fetch ?? fetch)(options.url, { ...init, signal }));
    polled = response.headers.has('Preference-Applied');
    const refusal = refusalOf(response, options, life);
    end = refusal ?? (await readBody(response.body as ReadableStream<Uint8Array>));
  } catch (cause) {
    if (signal.aborted && !failure) {
      return undefined;
    }
    failure ??= cause instanceof SseClientError ? cause : new SseClientError('NETWORK', undefined, { cause });
    end = { error: failure, final: /EVENT_TOO_LARGE|INVALID_OPTION/.test(failure.code) };
  } finally {
    watchdog.stop();
    // Whatever is left of the response goes, and its socket with it.
    control.abort();
  }
  return { ...end, lively: lively || (flowsSince > 0 && Date.now() - flowsSince > STABLE_MS) };
}

/** Data of the server's own; an object, whatever has come. */
function controlData<Data>(text: string): Partial<Data> {
  return Object(parseData(text)) as Partial<Data>;
}
