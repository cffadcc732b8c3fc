import { setTimeout as delay } from 'node:timers/promises';
import { Hub } from '@nestcast/hub';
import { type BeforeApplicationShutdown, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { ResolvedSseOptions } from './sse.options.js';
import { SseJobs } from './sse-jobs.js';

/**
 * Ends the streams when the application closes: before its HTTP server does, which would wait for them, and flushed,
 * because it would wait for that as well.
 */
@Injectable()
export class SseShutdown implements BeforeApplicationShutdown, OnApplicationShutdown {
  constructor(
    private readonly hub: Hub,
    private readonly jobs: SseJobs,
    private readonly options: ResolvedSseOptions,
  ) {}

  async beforeApplicationShutdown(): Promise<void> {
    this.hub.announceDrain();
    const { readinessDelayMs } = this.options.drain;
    if (readinessDelayMs > 0) {
      // A timer of Node's own: the hub's keep no process alive, and here there may be nothing else that does.
      await delay(readinessDelayMs);
    }
    await this.hub.drain();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.jobs.cancelAll();
    await this.hub.close();
  }
}
