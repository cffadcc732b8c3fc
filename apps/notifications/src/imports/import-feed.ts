import { SseChannelRegistry, SseError, SseJobs } from '@nestcast/sse';
import { Injectable } from '@nestjs/common';

import type { ImportStep } from './import-batches.js';
import { type ImportEvents, importChannel } from './import-events.js';
import type { ImportProgress, ImportState } from './import.js';

/** Which import it is, and whose. */
export interface ImportKey {
  readonly id: string;
  readonly userId: string;
}

const FAILED = 'We could not go on. What is sent stays sent; nothing else will be.';

/** Tells those who watch an import how far it is. Only who has claimed the import tells anything of it. */
@Injectable()
export class ImportFeed {
  constructor(
    private readonly channels: SseChannelRegistry,
    private readonly jobs: SseJobs,
  ) {}

  /** @throws SseError `BROKER_UNAVAILABLE`, `BROKER_CLOSED` */
  async tell({ userId, id }: ImportKey, step: ImportStep, linesPerSecond: number): Promise<void> {
    const channel = this.channels.channel<ImportEvents>(importChannel(userId, id));
    await Promise.all([
      ...step.found.map((data) => channel.publish({ type: 'problem', data })),
      channel.publish({ type: 'progress', data: { ...progressOf(step), linesPerSecond } }),
    ]);
  }

  /**
   * Tells the end, after which there is nothing more to come: its streams end. A job of one event, because the import itself
   * may be the work of several processes, and a job is of one.
   *
   * @throws SseError `BROKER_UNAVAILABLE`, `BROKER_CLOSED`
   */
  async end(ended: ImportKey & ImportProgress & { readonly state: ImportState }): Promise<void> {
    const { state, userId, id } = ended;
    const progress = progressOf(ended);
    const data = state === 'failed' ? { ...progress, message: FAILED } : progress;
    await this.jobs.start(importChannel(userId, id), [{ type: state, data }]).done;
  }

  /**
   * Tells the end once more where the log has lost it, with a restart or by its age, so that who comes then is answered at
   * once, and never has to wait.
   */
  async endAgain(ended: Parameters<ImportFeed['end']>[0]): Promise<void> {
    const { userId, id } = ended;
    if ((await this.channels.history(importChannel(userId, id), 1)).length > 0) {
      return;
    }
    try {
      await this.end(ended);
    } catch (error) {
      // Another request is at it.
      if (!(error instanceof SseError && error.code === 'JOB_RUNNING')) {
        throw error;
      }
    }
  }
}

function progressOf({ position, lines, sent, rejected }: ImportProgress): ImportProgress {
  return { position, lines, sent, rejected };
}
