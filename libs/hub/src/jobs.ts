import { type Observable, concatMap, fromEvent, isObservable, lastValueFrom, takeUntil } from 'rxjs';
import { type Pullable, pull } from './delivery/pull.js';
import type { EventRecord, SseEvent } from './event.js';
import type { Hub } from './hub.js';
import { inThisContext } from './own-context.js';
import { SseError } from './sse-error.js';

/** A stream of events that a job runs to its end. */
export type JobSource = Observable<SseEvent> | Pullable<SseEvent>;

/** What a job runs: a source, or a function that makes one and heeds the signal. */
export type Producer = JobSource | ((signal: AbortSignal) => JobSource | Promise<JobSource>);

/** A job under way. */
export interface Job {
  readonly channel: string;
  /** Resolves at the end, also after {@link cancel}; rejects with the producer's or the broker's error. */
  readonly done: Promise<void>;
  /** Stops the producer; what it has published stays in the log, and the end is marked. */
  cancel(): void;
}

/** Marks the end of a job in its channel's log. */
const END: EventRecord = {
  type: '',
  data: undefined,
  json: false,
  key: undefined,
  ephemeral: false,
  retryMs: undefined,
  final: true,
};

/**
 * Producers that are run to their end whatever their clients do: what they yield goes to their channel's log, where
 * clients find it live, late, or again.
 */
export class Jobs {
  private readonly running = new Map<string, { readonly done: Promise<void>; cancel(): void }>();

  private readonly onError: (error: unknown, what: string) => void;

  constructor(
    private readonly hub: Hub,
    onError: (error: unknown, what: string) => void,
  ) {
    this.onError = inThisContext(onError);
  }

  /**
   * Starts a job on a channel of its own.
   *
   * @throws SseError `JOB_RUNNING` if the channel has one on this node already, `INVALID_CHANNEL_NAME`
   */
  start(channel: string, producer: Producer): Job {
    this.hub.channel(channel);
    if (this.running.has(channel)) {
      throw new SseError(
        'JOB_RUNNING',
        `The channel ${JSON.stringify(channel)} has a job; cancel it or wait for its end.`,
      );
    }
    const controller = new AbortController();
    const done = this.run(channel, producer, controller.signal);
    // Reported for those who don't look at `done`; rejects for those who do.
    done.catch((error: unknown) => this.onError(error, `the job of the channel ${channel}`));
    // What listens to the signal is the producer's own code.
    const cancel = inThisContext(() => controller.abort());
    const job = { channel, done, cancel };
    this.running.set(channel, job);
    return job;
  }

  /** Stops all jobs of this node. Resolves when their ends are marked; their errors have been reported by then. */
  async cancelAll(): Promise<void> {
    const jobs = [...this.running.values()];
    jobs.forEach((job) => job.cancel());
    await Promise.allSettled(jobs.map((job) => job.done));
  }

  private async run(channel: string, producer: Producer, signal: AbortSignal): Promise<void> {
    // Not before start() has taken the job down.
    await Promise.resolve();
    try {
      const source = signal.aborted
        ? undefined
        : await untilAborted(typeof producer === 'function' ? producer(signal) : producer, signal);
      // Looked at again: an Observable hears of an abort only while it is subscribed to.
      if (source && !signal.aborted) {
        await this.publishAll(channel, source, signal);
      }
    } finally {
      // Until its end is marked it is running: the mark would end a job started meanwhile.
      await this.markEnd(channel);
    }
  }

  /** A broker that fails is reported here, so that it doesn't stand in for the producer's own error. */
  private async markEnd(channel: string): Promise<void> {
    try {
      await this.hub.publishRecord(channel, END);
    } catch (error) {
      this.onError(error, `marking the end of the job of the channel ${channel}`);
    } finally {
      this.running.delete(channel);
    }
  }

  private async publishAll(channel: string, source: JobSource, signal: AbortSignal): Promise<void> {
    const publish = async (event: SseEvent): Promise<void> => {
      await this.hub.publish(channel, event);
    };
    if (isObservable(source)) {
      const stopped = source.pipe(takeUntil(fromEvent(signal, 'abort')), concatMap(publish));
      await lastValueFrom(stopped, { defaultValue: undefined });
    } else {
      await pull(source, signal, publish, (error) =>
        this.onError(error, `ending the job of the channel ${channel}`),
      );
    }
  }
}

/** The value, or `undefined` as soon as the signal is aborted. */
function untilAborted<T>(value: T | Promise<T>, signal: AbortSignal): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    const abort = (): void => resolve(undefined);
    signal.addEventListener('abort', abort, { once: true });
    Promise.resolve(value)
      .then(resolve, reject)
      .finally(() => signal.removeEventListener('abort', abort));
  });
}
