import type { Broker, Replay, ReplayStart } from '../broker/broker.js';
import type { ChannelReader, LiveChannel } from '../live-channel.js';
import type { Clock } from '../clock.js';
import type { BrokerEvent, EventId } from '../event.js';
import { gapFrame } from '../protocol/control-event.js';
import { eventFrame, idFrame } from '../protocol/frame.js';
import { Payload } from '../protocol/payload.js';
import type { Batch } from './batch.js';
import type { Connection, OpenOptions } from './connection.js';
import type { Reader } from './reader.js';

/** What a reader needs of its hub. */
export interface LogReaderContext {
  readonly broker: Broker;
  readonly clock: Clock;
}

const REPLAY_PAGE = 256;

/**
 * A connection's way through the log: it has a cursor instead of a queue. `replaying` reads the log and notes live
 * events it passes over; `live` takes them as they come; `lagging` waits for the socket and then replays.
 */
export class LogReader implements ChannelReader, Reader {
  state: 'replaying' | 'live' | 'lagging' = 'replaying';
  readonly channels = new Map<string, LiveChannel>();

  /** The place up to which the client has been sent everything. */
  private seq = 0;
  /** The same as an id to replay from. */
  private cursor: EventId = '';
  /** The place of the newest live event that was passed over. */
  private missedThrough = 0;

  constructor(
    private readonly connection: Connection,
    private readonly options: OpenOptions,
    private readonly context: LogReaderContext,
  ) {}

  /**
   * Subscribes to the channels and begins the stream.
   *
   * @returns `ended` if nothing is left to read and nothing will come; nothing has been written then
   * @throws what the broker does; nothing has been written then
   */
  async open(channels: readonly LiveChannel[], start: ReplayStart): Promise<'open' | 'ended'> {
    await Promise.all(channels.map((channel) => this.join(channel)));
    const first = await this.replay(start);
    if (this.connection.closed) {
      return 'open';
    }
    const resumes = typeof start === 'object';
    if (resumes && first.complete && first.ended && first.events.length === 0) {
      return 'ended';
    }
    this.connection.begin(this.options, priming(first, start));
    this.channels.forEach((channel) => channel.begin());
    this.catchUp(first).catch((error: unknown) => this.connection.fail(error));
    return 'open';
  }

  /** Sends a batch of live events, or notes that it was passed over. */
  deliver(batch: Batch, now: number): void {
    if (this.state !== 'live') {
      this.missedThrough = Math.max(this.missedThrough, batch.lastSeq);
      return;
    }
    const rest = batch.after(this.seq);
    if (!rest) {
      return;
    }
    this.connection.write(rest.payload, rest.count, now);
    if (rest.lastSeq > this.seq) {
      this.seq = rest.lastSeq;
      this.cursor = rest.lastId;
    }
    if (batch.final) {
      // Whether all its channels have ended is for the log to say.
      this.catchUpAlone(Promise.resolve());
    } else if (this.connection.overflows()) {
      this.lag();
    }
  }

  /** Takes it out of one channel; without any it has lost its right to be there. */
  leave(name: string): void {
    const channel = this.channels.get(name);
    if (channel) {
      this.channels.delete(name);
      channel.readers.delete(this);
      channel.unlisten();
      if (this.channels.size === 0) {
        this.connection.close('revoked');
      }
    }
  }

  leaveAll(): void {
    for (const channel of this.channels.values()) {
      channel.readers.delete(this);
      channel.unlisten();
    }
    this.channels.clear();
  }

  private async join(channel: LiveChannel): Promise<void> {
    if (!this.connection.closed && !this.channels.has(channel.name)) {
      this.channels.set(channel.name, channel);
      channel.readers.add(this);
      await channel.listen();
    }
  }

  private lag(): void {
    if (this.options.overflow.policy === 'disconnect') {
      this.connection.close('overflow');
      return;
    }
    this.state = 'lagging';
    this.catchUpAlone(this.connection.drained());
  }

  private catchUpAlone(when: Promise<void>): void {
    if (this.state === 'live') {
      this.state = 'replaying';
    }
    when.then(() => this.catchUp()).catch((error: unknown) => this.connection.fail(error));
  }

  /** Reads the log until nothing is left between it and the live events. */
  private async catchUp(first?: Replay): Promise<void> {
    let page = first;
    while (!this.connection.closed) {
      this.state = 'replaying';
      page ??= await this.replay({ after: this.cursor });
      if (this.connection.closed) {
        return;
      }
      this.send(page);
      if (page.ended) {
        this.connection.close('complete');
        return;
      }
      if (this.connection.overflows()) {
        if (this.options.overflow.policy === 'disconnect') {
          this.connection.close('overflow');
          return;
        }
        this.state = 'lagging';
        await this.connection.drained();
      } else if (!page.more && this.missedThrough <= this.seq) {
        // No await between the look at missedThrough and this: no live event can fall in between.
        this.state = 'live';
        return;
      }
      page = undefined;
    }
  }

  private replay(start: ReplayStart): Promise<Replay> {
    return this.context.broker.replay([...this.channels.keys()], start, REPLAY_PAGE);
  }

  private send(page: Replay): void {
    // While the page was read it may have been taken out of a channel.
    const events = page.events.filter(({ channel }) => this.channels.has(channel));
    const text = pageText(page, events);
    if (text !== '') {
      this.connection.write(new Payload(text), events.length, this.context.clock.now());
    }
    this.seq = page.seq;
    this.cursor = page.cursor;
  }
}

/**
 * The id that the client has before it gets its first event, so that one cut off before it still resumes. After a gap
 * there is none: the first event that the log still has brings the new one.
 */
function priming(first: Replay, start: ReplayStart): string {
  if (!first.complete || start === 'start') {
    return '';
  }
  return idFrame(start === 'now' ? first.cursor : start.after);
}

function pageText(page: Replay, events: readonly BrokerEvent[]): string {
  let text = page.gap ? gapFrame({ ...page.gap, id: page.cursor }) : '';
  for (const event of events) {
    text += eventFrame(event, event.id);
  }
  if (page.gap && events.length === 0) {
    text += idFrame(page.cursor);
  }
  return text;
}
