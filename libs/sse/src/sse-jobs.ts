import { Hub, type Job, Jobs, type Producer } from '@nestcast/hub';
import { Injectable, Logger } from '@nestjs/common';

/**
 * Detached producers, for AI token streams and task progress: a job runs to its end whatever its clients do, and what it
 * yields goes to its channel's log. Let a handler return `channels.channel(name).fromStart()`: a client that comes late
 * gets all of it, one that comes back resumes, and one that comes back after the end gets 204, so that a native
 * EventSource stops.
 */
@Injectable()
export class SseJobs {
  private readonly jobs: Jobs;

  constructor(hub: Hub) {
    const logger = new Logger(SseJobs.name);
    this.jobs = new Jobs(hub, (error, what) => logger.error(`${what}: ${String(error)}`));
  }

  /**
   * Runs an Observable, an iterable, or what a function makes of either, on a channel of its own, and marks the end.
   *
   * @throws SseError `JOB_RUNNING` if the channel has a job on this node already, `INVALID_CHANNEL_NAME`
   */
  start(channel: string, producer: Producer): Job {
    return this.jobs.start(channel, producer);
  }

  /** Stops all jobs of this node and marks their ends. */
  cancelAll(): Promise<void> {
    return this.jobs.cancelAll();
  }
}
