import { type End, type Life, attempt } from './attempt.js';
import { delayBefore } from './backoff.js';
import { SseClientError } from './sse-client-error.js';
import type { Source, SourceContext } from './source.js';

/** Polls begin no closer together than this, since the server counts each as an opening; milliseconds. */
const POLL_EVERY_MS = 1_500;
/** How long a stream must have lived to be no failure though it has brought nothing; milliseconds. */
const STABLE_MS = 5_000;

/** A connection of this client's own, made anew for as long as there is a reason to. */
export function createOwnConnection(context: SourceContext): Source {
  const { options, cursor, sink } = context;
  const { backoff, transport } = options;
  let run: AbortController | undefined;
  /** Ends what is under way: an attempt, or the wait for one. */
  let step: AbortController | undefined;
  let life: Life;

  async function loop({ signal }: AbortController): Promise<void> {
    let blocked = 0;
    let polled = false;
    while (!signal.aborted) {
      step = new AbortController();
      if (!polled) {
        sink.change({ status: 'connecting', attempt: life.failures, retryAt: undefined });
      }
      const startedAt = Date.now();
      const end = await attempt(context, life, step);
      if (signal.aborted) {
        return;
      }
      if (end.polled) {
        sink.polled?.();
        if (signal.aborted) {
          return;
        }
      }
      const tookMs = Date.now() - startedAt;
      polled = end.polled === true;
      life.error = end.error;
      if (end.lively || tookMs > STABLE_MS) {
        life.failures = 0;
      } else if (end.error && globalThis.navigator?.onLine !== false) {
        life.failures += 1;
      }
      if (end.final || (end.error && life.failures >= backoff.maxAttempts)) {
        finish(end);
        return;
      }
      blocked = end.error?.code === 'STREAM_BLOCKED' ? blocked + 1 : 0;
      if (blocked > 1 && transport === 'auto') {
        blocked = 0;
        life.polls = !life.polls;
      }
      await wait(polled ? POLL_EVERY_MS - tookMs : delayAfter(end), polled);
    }
  }

  function delayAfter({ error, delayMs }: End): number {
    if (!error || delayMs === 0) {
      return delayMs ?? 0;
    }
    return delayMs === undefined
      ? delayBefore(life.failures, life.retryMs, backoff)
      : delayMs + delayBefore(0, undefined, backoff);
  }

  function finish({ final, error }: End): void {
    source.close();
    if (!error) {
      cursor.forget();
    }
    sink.change({
      status: 'closed',
      attempt: life.failures,
      retryAt: undefined,
      error: final
        ? error
        : new SseClientError('MAX_RECONNECT_REACHED', `Gave up after ${life.failures} attempts.`, {
            cause: error,
          }),
    });
  }

  function wait(ms: number, quietly: boolean): Promise<void> {
    const { signal } = (step = new AbortController());
    if (!quietly) {
      const { failures, error } = life;
      sink.change({ status: 'waiting', attempt: failures, error, retryAt: Date.now() + ms });
    }
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      signal.addEventListener('abort', () => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  const source: Source = {
    open() {
      if (!run) {
        run = new AbortController();
        life = { retryMs: undefined, polls: transport === 'poll', failures: 0, error: undefined };
        globalThis.addEventListener?.('online', source.reconnect);
        void loop(run);
      }
    },
    close() {
      run?.abort();
      step?.abort();
      run = undefined;
      globalThis.removeEventListener?.('online', source.reconnect);
    },
    reconnect() {
      if (run) {
        life.polls = transport === 'poll';
        life.failures = 0;
        step?.abort();
      } else {
        source.open();
      }
    },
  };
  return source;
}
