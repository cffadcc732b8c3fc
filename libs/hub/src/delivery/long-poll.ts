import type { Cancel } from '../clock.js';
import type { OpenOptions, OverflowOptions } from '../hub-options.js';
import type { Batch } from './batch.js';
import type { HubConnection } from './hub-connection.js';
import { LogReader, type LogReaderContext } from './log-reader.js';

/**
 * A way through the log that is over as soon as its client has something to go on with: events or a gap, once all of them
 * that there are have been written; the place where it begins, if it had none; or, when it has waited for long enough, the
 * place where the log was when it came. The client comes back from there with its next request.
 */
export class LongPoll extends LogReader {
  /** How much its client had been told when the answer began: what a handler sends each time is no news. */
  private toldBefore = 0;
  private answering = false;
  private cancelWait: Cancel | undefined;

  constructor(
    connection: HubConnection,
    overflow: OverflowOptions,
    context: LogReaderContext,
    /** Milliseconds. */
    private readonly waitMs: number,
  ) {
    super(connection, overflow, context);
  }

  override deliver(batch: Batch, now: number): void {
    super.deliver(batch, now);
    this.answerIfThereIsNews();
  }

  override leaveAll(): void {
    this.cancelWait?.();
    super.leaveAll();
  }

  /** An event of the connection's own, from whoever knows it, is worth coming back for as well. */
  sent(): void {
    this.answerIfThereIsNews();
  }

  protected override begin(options: OpenOptions, priming: string): void {
    super.begin(options, priming);
    this.toldBefore = this.told;
    if (this.waitMs > 0 && !this.closed) {
      this.cancelWait = this.context.clock.schedule(this.waitMs, () => this.answer());
    }
  }

  protected override goLive(): void {
    super.goLive();
    if (this.waitMs === 0 || this.connection.lastEventId === undefined) {
      this.answer();
    } else {
      this.answerIfThereIsNews();
    }
  }

  /** Events and gaps. */
  private get told(): number {
    return this.connection.messages + this.connection.errors;
  }

  private answerIfThereIsNews(): void {
    if (this.state === 'live' && this.told > this.toldBefore) {
      this.answer();
    }
  }

  /** Not before its client has read: the time that it has for the end alone is short. */
  private answer(): void {
    if (!this.answering) {
      this.answering = true;
      void this.connection.drained().then(() => this.connection.answer(this.cursor));
    }
  }
}
