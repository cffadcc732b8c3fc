import { type Channel, SseChannelRegistry, SseError, SseJobs } from '@nestcast/sse';
import {
  type BeforeApplicationShutdown,
  ConflictException,
  Inject,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  ServiceUnavailableException,
} from '@nestjs/common';
import { type Subscription, retry } from 'rxjs';

import type { Answer } from './answer.js';
import { AnswerClaims } from './answer-claims.js';
import { channelOfAnswer } from './answer-events.js';
import { type AnswerRow, answerOf, endOf } from './answer-row.js';
import { AnswerStore, MOST_RUNNING } from './answer-store.js';
import { AnswerWriter } from './answer-writer.js';
import { TextModel } from './text-model.js';

/** What has been cancelled, for the node that writes it. */
const CANCELLED = 'assistant-cancelled';
const LISTEN_AGAIN_MS = 2_000;

interface CancelledEvents {
  cancelled: { readonly id: string };
}

/** An answer that this process writes. */
interface Writing {
  readonly stop: AbortController;
  /** Resolves when its end is in the table and told, or left to be told; never rejects. */
  readonly done: Promise<void>;
}

/** Takes questions, and has them answered on this node; cancels answers on whichever node they are written. */
@Injectable()
export class Assistant implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger(Assistant.name);
  private readonly writings = new Map<string, Writing>();
  private cancellations: Subscription | undefined;
  private stopping = false;

  constructor(
    private readonly store: AnswerStore,
    private readonly claims: AnswerClaims,
    private readonly writer: AnswerWriter,
    private readonly jobs: SseJobs,
    private readonly channels: SseChannelRegistry,
    @Inject(TextModel) private readonly model: TextModel,
  ) {}

  /** A cancellation that doesn't come this way is found with the next save. */
  onApplicationBootstrap(): void {
    this.cancellations = this.channels
      .channel<CancelledEvents>(CANCELLED)
      .events$.pipe(retry({ delay: LISTEN_AGAIN_MS }))
      .subscribe(({ data }) => this.stop(data.id));
  }

  /** What is being written is interrupted, and stored, while there is a database to store it in. */
  async beforeApplicationShutdown(): Promise<void> {
    this.stopping = true;
    this.cancellations?.unsubscribe();
    const writings = [...this.writings.values()];
    writings.forEach((writing) => writing.stop.abort());
    await Promise.all(writings.map((writing) => writing.done));
  }

  /** Ids of what this process writes. */
  get running(): string[] {
    return [...this.writings.keys()];
  }

  /** @throws ConflictException where the user has too many running answers, ServiceUnavailableException during a shutdown */
  async ask(userId: string, prompt: string): Promise<Answer> {
    if (this.stopping) {
      throw new ServiceUnavailableException('The server is being restarted. Ask again in a moment.');
    }
    const { name: model } = this.model;
    const row = await this.store.begin({ userId, prompt, model, claimedBy: this.claims.owner });
    if (row === undefined) {
      throw new ConflictException(
        `You have ${MOST_RUNNING} answers running. Wait for one to end, or stop it.`,
      );
    }
    this.writings.set(row.id, this.begin(row));
    return answerOf(row);
  }

  /** Nothing where it is over, or not the user's. */
  async cancel(userId: string, id: string): Promise<void> {
    const wasRunning = await this.store.cancel(userId, id);
    if (!wasRunning || this.stop(id)) {
      return;
    }
    try {
      await this.channels.publish<CancelledEvents>(CANCELLED, { type: 'cancelled', data: { id } });
    } catch (error) {
      // It is cancelled: its writer finds that out by itself, a little later.
      this.logger.warn(`The node that writes the answer ${id} could not be told: ${String(error)}`);
    }
  }

  /** @returns whether this node writes it */
  stop(id: string): boolean {
    const writing = this.writings.get(id);
    writing?.stop.abort();
    return writing !== undefined;
  }

  /**
   * All that happens with an answer, for its readers. The log may have let go of one that is over: then they are told its end
   * alone, and the text is in the table.
   */
  async stream(row: AnswerRow): Promise<Channel> {
    const name = channelOfAnswer(row.userId, row.id);
    if (row.state !== 'running' && (await this.channels.history(name, 1)).length === 0) {
      await this.tellEnd(row);
    }
    return this.channels.channel(name).fromStart();
  }

  /** Tells an end that its writer may not have told, and marks it in the log. Harmless if it has. */
  async tellEnd(row: AnswerRow): Promise<void> {
    const end = endOf(row);
    if (end === undefined) {
      return;
    }
    try {
      await this.jobs.start(channelOfAnswer(row.userId, row.id), [end]).done;
    } catch (error) {
      // Someone is at it.
      if (!(error instanceof SseError && error.code === 'JOB_RUNNING')) {
        throw error;
      }
    }
  }

  private begin(row: AnswerRow): Writing {
    const stop = new AbortController();
    if (this.stopping) {
      stop.abort();
    }
    const job = this.jobs.start(channelOfAnswer(row.userId, row.id), (ended) =>
      this.writer.write(row, AbortSignal.any([stop.signal, ended])),
    );
    return { stop, done: this.settle(row.id, job.done) };
  }

  /** The claim is given back only when the end is told: what fails on the way is found by whoever looks after claims. */
  private async settle(id: string, done: Promise<void>): Promise<void> {
    try {
      await done;
      await this.claims.release(id);
    } catch (error) {
      this.logger.warn(`The end of the answer ${id} is still to be told: ${String(error)}`);
    } finally {
      this.writings.delete(id);
    }
  }
}
