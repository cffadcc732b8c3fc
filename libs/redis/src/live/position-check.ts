import type { Cancel, Clock } from '@nestcast/hub';
import type { LiveFeed } from './live-feed.js';
import type { Marks, SentMark } from './marks.js';
import type { Subscriptions } from './subscriptions.js';

/** Channels a mark: enough for few of them, few enough for Redis to do other things in between. */
const CHUNK = 500;

export interface PositionCheckSettings {
  readonly marks: Pick<Marks, 'send'>;
  readonly feed: Pick<LiveFeed, 'behind' | 'catchUp' | 'verify'>;
  readonly subscriptions: Pick<Subscriptions, 'channels'>;
  readonly clock: Clock;
  /** Time between two looks; milliseconds. */
  readonly everyMs: number;
  /** Reports what goes wrong where nobody waits for it. */
  readonly onError: (error: unknown, what: string) => void;
}

/**
 * Looks now and then whether events have been lost without a word: by marks that tell the last event of each channel. Where
 * a mark doesn't come, the log is read. It keeps the log's own keys alive too, and finds out when they are gone.
 */
export class PositionCheck {
  private cancelNext: Cancel;
  private sent: readonly SentMark[] = [];
  /** The log's place when nothing was missing. */
  private place: number | undefined;

  constructor(private readonly settings: PositionCheckSettings) {
    this.cancelNext = this.schedule();
  }

  end(): void {
    this.cancelNext();
  }

  private schedule(): Cancel {
    const { clock, everyMs, onError } = this.settings;
    return clock.schedule(everyMs, () => {
      this.cancelNext = this.schedule();
      this.look().catch((error: unknown) => onError(error, 'looking whether events are missing'));
    });
  }

  private async look(): Promise<void> {
    const { feed, subscriptions } = this.settings;
    const missing = this.sent.filter(({ awaited }) => awaited);
    if (missing.length > 0 || feed.behind) {
      missing.forEach((mark) => mark.giveUp());
      this.place = undefined;
      feed.catchUp();
    }
    const { channels } = subscriptions;
    const chunks = [channels.slice(0, CHUNK)];
    for (let from = CHUNK; from < channels.length; from += CHUNK) {
      chunks.push(channels.slice(from, from + CHUNK));
    }
    this.sent = [];
    this.sent = await Promise.all(chunks.map((chunk) => this.send(chunk)));
    this.place = Math.min(...this.sent.map(({ place }) => place));
  }

  private async send(channels: readonly string[]): Promise<SentMark> {
    const { marks, feed } = this.settings;
    const mark = await marks.send((arrived) => feed.verify(channels, arrived), channels, this.place);
    if (channels.length === 0) {
      // Nobody listens: it was sent for the sake of the log's keys.
      mark.giveUp();
    }
    return mark;
  }
}
