import { AsyncResource } from 'node:async_hooks';
import { type Observable, type Subscription, isObservable } from 'rxjs';
import { assertChannelName } from './channel-name.js';
import type { Cancel, Clock } from './clock.js';
import type { EventId, SseEvent } from './event.js';
import { SseError } from './sse-error.js';

export interface AttachOptions {
  /** How long the source stays subscribed after the last listener has left; milliseconds, Infinity for good. Default 5,000. */
  readonly lingerMs?: number;
}

const DEFAULT_LINGER_MS = 5_000;

interface AttachmentContext {
  readonly clock: Clock;
  readonly publish: (event: SseEvent) => Promise<EventId>;
  readonly onError: (error: unknown, what: string) => void;
}

/** The sources attached to a hub's channels. */
export class Attachments {
  private readonly byChannel = new Map<string, Set<Attachment>>();

  /** @returns takes it out again, and stops it */
  add(attachment: Attachment): () => void {
    const { channel } = attachment;
    const attached = this.byChannel.get(channel) ?? new Set();
    this.byChannel.set(channel, attached.add(attachment));
    return () => {
      attachment.stop();
      attached.delete(attachment);
      if (attached.size === 0 && this.byChannel.get(channel) === attached) {
        this.byChannel.delete(channel);
      }
    };
  }

  listening(channel: string, yes: boolean): void {
    this.byChannel.get(channel)?.forEach((attachment) => attachment.listening(yes));
  }

  stop(): void {
    this.byChannel.forEach((attached) => attached.forEach((attachment) => attachment.stop()));
    this.byChannel.clear();
  }
}

/**
 * A source that feeds a channel while somebody listens: one subscription for all, kept a while for the next one. The source
 * runs in the async context in which it was attached, not in that of the one who happens to listen first.
 */
export class Attachment {
  private subscription: Subscription | undefined;
  private cancelLinger: Cancel | undefined;
  private readonly own = new AsyncResource('NestcastAttachment');

  constructor(
    readonly channel: string,
    private readonly source: Observable<SseEvent>,
    private readonly lingerMs: number,
    private readonly context: AttachmentContext,
  ) {}

  /** @throws SseError `INVALID_CHANNEL_NAME`, or `INVALID_OPTION` for a source that is no Observable or a bad lingerMs */
  static of(
    channel: string,
    source: Observable<SseEvent>,
    { lingerMs = DEFAULT_LINGER_MS }: AttachOptions,
    context: AttachmentContext,
  ): Attachment {
    assertChannelName(channel);
    assertAttachable(source, lingerMs);
    return new Attachment(channel, source, lingerMs, context);
  }

  listening(yes: boolean): void {
    this.cancelLinger?.();
    this.cancelLinger = undefined;
    if (yes) {
      this.subscribe();
    } else if (this.subscription && this.lingerMs !== Infinity) {
      this.cancelLinger = this.context.clock.schedule(this.lingerMs, () => this.stop());
    }
  }

  stop(): void {
    this.cancelLinger?.();
    this.cancelLinger = undefined;
    const { subscription } = this;
    this.subscription = undefined;
    try {
      this.own.runInAsyncScope(() => subscription?.unsubscribe());
    } catch (error) {
      this.context.onError(error, `ending the source attached to the channel ${this.channel}`);
    }
  }

  private subscribe(): void {
    const failed = (error: unknown): void =>
      this.context.onError(error, `the source attached to the channel ${this.channel}`);
    // Once it has completed or failed it is not subscribed again before all listeners have left.
    this.subscription ??= this.own.runInAsyncScope(() =>
      this.source.subscribe({
        next: (event) => {
          this.context.publish(event).catch(failed);
        },
        error: failed,
      }),
    );
  }
}

/** @throws SseError `INVALID_OPTION` */
function assertAttachable(source: unknown, lingerMs: unknown): void {
  if (!isObservable(source)) {
    throw new SseError('INVALID_OPTION', 'attach() takes an Observable; make one with from() of RxJS.');
  }
  if (typeof lingerMs !== 'number' || !(lingerMs >= 0)) {
    throw new SseError(
      'INVALID_OPTION',
      `attach(): lingerMs is a non-negative number of milliseconds, but got ${String(lingerMs)}.`,
    );
  }
}
