import { type Answer, readAnswer } from './answer.js';
import type { End, Life } from './life.js';
import { refusalOf } from './refusal.js';
import { requestOf } from './request.js';
import { SseClientError } from './sse-client-error.js';
import type { SourceContext } from './source.js';
import { unlessAborted } from './unless-aborted.js';
import { createWatchdog } from './watchdog.js';

/** How long a stream must have lived to be no failure though it has brought nothing; milliseconds. */
const STABLE_MS = 5_000;

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
  const { options, stats } = context;
  const { signal } = control;
  const answer: Answer = { openedAt: Infinity, flows: false, lively: false };
  let failure: SseClientError | undefined;
  const watchdog = createWatchdog(() => {
    failure = answer.flows
      ? new SseClientError('STALLED', 'Nothing has come for too long.')
      : new SseClientError('STREAM_BLOCKED', 'The first bytes have not come.');
    control.abort();
  });
  let end: End;
  try {
    signal.throwIfAborted();
    watchdog.limit(life.openTimeoutMs && life.openTimeoutMs + (life.waitS ?? 0) * 1_000);
    const [url, init] = await unlessAborted(signal, requestOf(context, life, signal));
    stats.request();
    const response = await unlessAborted(signal, (options.fetch ?? fetch)(url, init));
    end =
      refusalOf(response, options, life) ??
      (await readAnswer(response, context, life, { signal, watchdog, answer }));
  } catch (cause) {
    if (signal.aborted && !failure) {
      return undefined;
    }
    const error =
      failure ??
      (cause instanceof SseClientError
        ? cause
        : new SseClientError('NETWORK', 'The connection has failed.', { cause }));
    end = { error, final: ['EVENT_TOO_LARGE', 'INVALID_OPTION'].includes(error.code) };
  } finally {
    watchdog.stop();
    // Whatever is left of the response goes, and its socket with it.
    control.abort();
  }
  return { ...end, lively: answer.lively || Date.now() - answer.openedAt > STABLE_MS };
}
