import { attempt } from './attempt.js';
import { delayBefore } from './backoff.js';
import type { End, Life } from './life.js';
import { MAX_DELAY_MS } from './options.js';
import type { SseStatus } from './snapshot.js';
import { SseClientError } from './sse-client-error.js';
import type { Source, SourceContext } from './source.js';

/** Polls begin no closer together than this, since the server counts each as an opening; milliseconds. */
const POLL_EVERY_MS = 1_500;
/** How long a poll may wait at the server, once one has been answered; seconds. */
const POLL_S = 25;

/** A connection of this client's own, made anew for as long as there is a reason to. */
export function createOwnConnection(context: SourceContext): Source {
  const { options, cursor, sink } = context;
  /** A stream is tried first, unless polls are what is asked for. */
  const firstWaitS = options.transport === 'poll' ? 0 : undefined;
  const life: Life = {
    openTimeoutMs: options.openTimeoutMs,
    waitS: firstWaitS,
    failures: 0,
  };
  /** From `open()` to `close()`: a loop that has another one is over. */
  let run: object | undefined;
  /** Ends what is under way: an attempt, or the wait for one. */
  let step = new AbortController();
  /** Streams in a row whose first bytes have not come, whatever polls there were between them. */
  let blocked = 0;

  async function loop(mine: object): Promise<void> {
    const goesOn = (): boolean => run === mine;
    while (goesOn()) {
      const control = (step = new AbortController());
      // A poll after a poll is nothing to tell of.
      if (life.waitS !== POLL_S) {
        sink.change({ status: 'connecting', attempt: life.failures, retryAt: undefined });
      }
      const startedAt = Date.now();
      const end = await attempt(context, life, control);
      if (end && goesOn()) {
        settle(end);
        if (goesOn()) {
          await pause(end, startedAt);
        }
      }
    }
  }

  function settle({ error, final, lively, polled }: End): void {
    life.error = error;
    if (lively || polled) {
      life.failures = 0;
    } else if (error) {
      life.failures += 1;
    }
    if (error?.code === 'STREAM_BLOCKED') {
      blocked = life.waitS === undefined ? blocked + 1 : 1;
    } else if (life.waitS === undefined || (blocked === 2 && error?.code === 'NETWORK')) {
      // The first poll may not even be made: from another origin, whose server doesn't allow its header.
      blocked = 0;
    }
    // A poll that gets through may be the end of an outage: streams are blocked if the next one is as well.
    const polls =
      options.transport === 'poll'
        ? life.waitS !== undefined
        : options.transport !== 'stream' && blocked > (polled ? 2 : 1);
    life.waitS = polls ? (polled ? POLL_S : 0) : undefined;
    if (final || (error && life.failures >= options.maxAttempts && (globalThis.navigator?.onLine ?? true))) {
      source.close();
      if (!error) {
        cursor.forget();
      } else if (!final) {
        life.error = new SseClientError('MAX_RECONNECT_REACHED', undefined, { cause: error });
      }
      tell('closed');
    } else if (polled) {
      sink.polled?.();
    }
  }

  async function pause({ polled, delayMs = NaN }: End, startedAt: number): Promise<void> {
    const { signal } = (step = new AbortController());
    const ms = polled
      ? // A clock that has been set back is no reason to wait for longer.
        POLL_EVERY_MS - Math.abs(Date.now() - startedAt)
      : Math.min(delayMs >= 0 ? delayMs : delayBefore(life.failures, life.retryMs, options), MAX_DELAY_MS);
    if (!polled) {
      tell('waiting', Date.now() + ms);
    }
    if (!signal.aborted) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, ms);
        signal.addEventListener('abort', () => {
          clearTimeout(timer);
          resolve();
        });
      });
    }
  }

  function tell(status: SseStatus, retryAt?: number): void {
    sink.change({ attempt: life.failures, retryAt, error: life.error, status });
  }

  const source: Source = {
    open() {
      if (!run) {
        life.failures = blocked = 0;
        life.error = undefined;
        // As in the beginning, a poll that is answered at once goes first.
        life.waitS &&= 0;
        globalThis.addEventListener?.('online', source.reconnect);
        void loop((run = {}));
      }
    },
    close() {
      run = undefined;
      step.abort();
      globalThis.removeEventListener?.('online', source.reconnect);
    },
    reconnect() {
      life.failures = blocked = 0;
      life.waitS = firstWaitS;
      step.abort();
      source.open();
    },
  };
  return source;
}
