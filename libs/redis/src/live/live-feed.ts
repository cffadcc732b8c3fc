import { type EventId, formatCursor } from '@nestcast/hub';
import type { LogLife } from '../log/log-life.js';
import { type Placed, decodeMessage } from '../log/record-codec.js';
import type { RedisLog } from '../log/redis-log.js';
import type { Mark, Marks } from './marks.js';
import { MessageBuffer } from './message-buffer.js';
import { readMissedEvents } from './missed-events.js';
import type { Subscription } from './subscription.js';
import type { Subscriptions } from './subscriptions.js';

export interface LiveFeedSettings {
  readonly log: Pick<RedisLog, 'replay'>;
  readonly life: Pick<LogLife, 'epoch' | 'saw' | 'enter'>;
  readonly marks: Pick<Marks, 'receive'>;
  readonly subscriptions: Pick<Subscriptions, 'live' | 'anyLive' | 'channels'>;
  /** Reports what goes wrong where nobody waits for it. */
  readonly onError: (error: unknown, what: string) => void;
}

/**
 * Brings events to their sinks in the log's one order. Where some have been missed, it reads them from the log while what
 * comes live waits; only what can't be had in order any more becomes an interruption.
 */
export class LiveFeed {
  /** Where all is delivered up to: the place, and the epoch that it was told in. */
  private place = 0;
  private epoch = '';
  /** The place up to which the log was read last: no channel misses anything up to there. */
  private readThrough = 0;
  private state: 'live' | 'reading' | 'behind' = 'live';
  /** Whether more has been missed while the log was read. */
  private again = false;
  private readonly waiting = new MessageBuffer();
  private closed = false;

  constructor(private readonly settings: LiveFeedSettings) {}

  /** Whether events are missing, and the log couldn't be read. */
  get behind(): boolean {
    return this.state === 'behind';
  }

  /** Takes a channel's message. */
  receive(channel: string, text: string): void {
    if (this.state === 'live') {
      this.take(channel, text);
    } else if (this.state === 'reading' && !this.waiting.add(channel, text)) {
      this.again = true;
    }
  }

  /** Takes a mark, in order with the messages. */
  receiveMark(text: string): void {
    if (this.state === 'reading') {
      this.waiting.addMark(text);
    } else {
      this.settings.marks.receive(text);
    }
  }

  /** A mark has come after which channels become live. */
  join({ epoch, place }: Mark): void {
    if (!this.settings.subscriptions.anyLive) {
      this.epoch = epoch;
      this.place = place;
      this.readThrough = place;
      this.state = 'live';
    }
  }

  /** Compares what has come with the ends of channels, by a mark that was sent for them. */
  verify(channels: readonly string[], { ends }: Mark): void {
    for (const [index, channel] of channels.entries()) {
      const subscription = this.settings.subscriptions.live(channel);
      const end = ends[index] ?? 0;
      if (this.state === 'live' && subscription && this.misses(subscription, end)) {
        this.close(subscription, end);
      }
    }
  }

  /** Reads what has been missed from the log, and goes on from there. */
  catchUp(): void {
    if (this.closed) {
      return;
    }
    if (this.state === 'reading') {
      this.again = true;
      return;
    }
    this.state = 'reading';
    this.read().then(
      () => this.release(),
      (error: unknown) => {
        this.state = 'behind';
        this.waiting.clear().forEach((mark) => this.settings.marks.receive(mark));
        this.settings.onError(error, 'reading missed events from the log');
      },
    );
  }

  end(): void {
    this.closed = true;
  }

  /** Delivers an event that is next in the order; otherwise the log is read, where it is too. */
  private take(channel: string, text: string): void {
    const subscription = this.settings.subscriptions.live(channel);
    const message = subscription && this.decode(channel, text);
    if (!message) {
      return;
    }
    const { event, epoch, place, before } = message;
    if (epoch !== this.settings.life.epoch) {
      this.settings.life.saw(epoch, place);
      this.settings.life.enter();
      this.catchUp();
    } else if (event.ephemeral) {
      subscription.deliver(event);
    } else if (place > this.place) {
      if (this.misses(subscription, before) && !this.close(subscription, before)) {
        return;
      }
      this.settings.life.saw(epoch, place);
      this.place = place;
      this.epoch = epoch;
      subscription.last = place;
      subscription.deliver(event);
    }
  }

  /** What somebody else has sent, or another version, can't be read: it is reported, and must not end the process. */
  private decode(channel: string, text: string): Placed | undefined {
    try {
      return decodeMessage(channel, text);
    } catch (error) {
      this.settings.onError(error, `a message on ${channel} that no broker of this version has sent`);
      return undefined;
    }
  }

  private misses({ last }: { last: number }, end: number): boolean {
    return end > last && end > this.readThrough;
  }

  /**
   * Deals with an event that has not come: nobody can be given it after later ones of other channels, else it is read.
   *
   * @returns whether the channel goes on at once
   */
  private close(subscription: Subscription & { last: number }, missed: number): boolean {
    if (missed > this.place) {
      this.catchUp();
      return false;
    }
    const lostAfter = Math.max(subscription.last, this.readThrough);
    subscription.last = missed;
    subscription.interrupt({ lostAfter });
    return true;
  }

  private async read(): Promise<void> {
    const { log, subscriptions } = this.settings;
    do {
      this.again = false;
      const { channels } = subscriptions;
      if (channels.length === 0) {
        return;
      }
      const missed = await readMissedEvents(log, channels, this.cursor);
      for (const channel of missed.lost) {
        subscriptions.live(channel)?.interrupt({});
      }
      for (const event of missed.events) {
        const subscription = subscriptions.live(event.channel);
        if (subscription && event.seq > subscription.last && !missed.lost.has(event.channel)) {
          subscription.last = event.seq;
          subscription.deliver(event);
        }
      }
      this.goTo(missed.cursor, missed.place);
    } while (this.again);
  }

  /** Lets go on what has waited; each of it has been read by now, or is next. */
  private release(): void {
    this.state = 'live';
    this.waiting.drain(
      (channel, text) =>
        channel === undefined ? this.settings.marks.receive(text) : this.take(channel, text),
      () => this.state === 'live',
    );
  }

  private get cursor(): EventId {
    return formatCursor(this.epoch, this.place);
  }

  private goTo(cursor: EventId, place: number): void {
    this.epoch = cursor.slice(0, cursor.lastIndexOf('.'));
    this.place = place;
    this.readThrough = place;
  }
}
