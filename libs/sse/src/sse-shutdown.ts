import { setTimeout as delay } from 'node:timers/promises';
import { Hub } from '@nestcast/hub';
import {
  type BeforeApplicationShutdown,
  Injectable,
  type OnApplicationShutdown,
  type OnModuleDestroy,
} from '@nestjs/common';
import { BrokerAnswers } from './broker-answers.js';
import { ResolvedSseOptions } from './sse.options.js';
import { SseJobs } from './sse-jobs.js';

/** The longest that a timer of Node's can wait. */
const FOREVER_MS = 2 ** 31 - 1;

/**
 * Ends the streams when the application closes: before its HTTP server does, which would wait for them, and flushed,
 * because it would wait for that as well.
 */
@Injectable()
export class SseShutdown implements OnModuleDestroy, BeforeApplicationShutdown, OnApplicationShutdown {
  private announcedAt: number | undefined;

  constructor(
    private readonly hub: Hub,
    private readonly jobs: SseJobs,
    private readonly options: ResolvedSseOptions,
    private readonly answers: BrokerAnswers,
  ) {}

  /** Nest calls this one first, and other providers may take their time in theirs. */
  onModuleDestroy(): void {
    this.hub.announceDrain();
    // An application that is closed once more doesn't begin anew: a signal may come while it is closing by itself.
    this.announcedAt ??= performance.now();
  }

  async beforeApplicationShutdown(): Promise<void> {
    const announcedAt = this.announcedAt ?? performance.now();
    const wait = announcedAt + this.options.drain.readinessDelayMs - performance.now();
    if (wait > 0) {
      // A timer of Node's own: the hub's keep no process alive, and here there may be nothing else that does.
      await delay(wait);
    }
    const drained = this.hub.drain();
    this.answers.end();
    await awake(drained);
  }

  async onApplicationShutdown(): Promise<void> {
    await awake(this.hub.finish(this.jobs.cancelAll(), 'ending the jobs'));
    await awake(this.hub.close());
  }
}

/** Keeps the process alive meanwhile: one that runs out of work would exit, and leave the rest of the shutdown undone. */
async function awake(work: Promise<void>): Promise<void> {
  const timer = setTimeout(() => undefined, FOREVER_MS);
  try {
    await work;
  } finally {
    clearTimeout(timer);
  }
}
