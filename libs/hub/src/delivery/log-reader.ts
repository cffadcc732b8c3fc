import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ChannelReader, LiveChannel } from '../live-channel.js';
import type { Clock } from '../clock.js';
import type { BrokerEvent, EventId } from '../event.js';
import { idFrame } from '../protocol/frame.js';
import { Payload } from '../protocol/payload.js';
import type { Batch } from './batch.js';
import type { OpenOptions, OverflowOptions } from '../hub-options.js';
import type { HubConnection } from './hub-connection.js';
import { type Page, readMissed } from './missed-events.js';
import type { PartialHistory } from './partial-history.js';
import type { Reader } from './reader.js';
import { type ReaderStart, firstPage, primingId } from './reader-start.js';
import { replayPieces } from './replay-pieces.js';
import type { ReplayReader, Replays } from './replays.js';

/** What a reader needs of its hub. */
export interface LogReaderContext {
  readonly clock: Clock;
  readonly replays: Replays;
}

/**
 * A connection's way through the log: it has a cursor instead of a queue. `replaying` reads the log and notes live
 * events it passes over; `live` takes them as they come; `lagging` waits for the socket and then replays. Where live events
 * may have been missed it goes back to `replaying`, from where it is.
 */
export class LogReader implements ChannelReader, Reader, ReplayReader {
  state: 'replaying' | 'live' | 'lagging' = 'replaying';
  readonly channels = new Map<string, LiveChannel>();

  /** The place up to which the client has been sent everything. */
  private seq = 0;
  /** The same as an id to replay from. */
  protected cursor: EventId = '';
  /** The place of the newest live event that was passed over since the log was last asked; Infinity: one may have been missed. */
  private missedThrough = 0;
  /** Channels of which it has gone past events that were lost on the way; to be told. */
  private lost: Set<string> | undefined;
  /** Whether its client was too slow for live events: what it missed is for the overflow policy to say. */
  private behind = false;
  /** Whether the client has an id to come back with. */
  private primed = false;
  /** Set where only some channels begin with their history. */
  private partial: PartialHistory | undefined;

  constructor(
    protected readonly connection: HubConnection,
    private readonly overflow: OverflowOptions,
    protected readonly context: LogReaderContext,
  ) {}

  /**
   * Subscribes to the channels and begins the stream.
   *
   * @returns `ended` if nothing is left to read and nothing will come; nothing has been written then
   * @throws what the broker does; nothing has been written then
   */
  async open(
    channels: readonly LiveChannel[],
    start: ReaderStart,
    options: OpenOptions,
  ): Promise<'open' | 'ended'> {
    // All at once, where there are several.
    await (channels.length === 1
      ? this.join(channels[0] as LiveChannel)
      : Promise.all(channels.map((channel) => this.join(channel))));
    const { page: first, partial } = await firstPage(
      start,
      new Set(channels.map(({ name }) => name)).size,
      (from) => this.context.replays.begin(this.channels.values(), from),
    );
    this.partial = partial;
    if (this.connection.closed) {
      return 'open';
    }
    // Not even for the marks of the end alone: clients that forget an id without data would come back for them for ever.
    if ('after' in start && first.complete && first.ended && first.events.every(({ final }) => final)) {
      return 'ended';
    }
    const priming = primingId(first, start);
    this.primed = priming !== undefined;
    this.begin(options, priming === undefined ? '' : idFrame(priming));
    this.channels.forEach((channel) => channel.begin());
    this.catchUp(first).catch((error: unknown) => this.connection.fail(error));
    return 'open';
  }

  get closed(): boolean {
    return this.connection.closed;
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
      this.endIfAllHave().catch((error: unknown) => this.connection.fail(error));
    }
    if (this.connection.overflows()) {
      this.lag();
    }
  }

  /** Live events of a channel may have been missed, those after `lostAfter` for good if it has gone past that place. */
  interrupt(channel: string, lostAfter = Infinity): void {
    if (this.seq > lostAfter) {
      this.lost = (this.lost ?? new Set()).add(channel);
    }
    this.missedThrough = Infinity;
    if (this.state === 'live') {
      this.state = 'replaying';
      // Once, when all its channels have been told.
      Promise.resolve()
        .then(() => this.catchUp())
        .catch((error: unknown) => this.connection.fail(error));
    }
  }

  /** Takes it out of one channel; without any it has lost its right to be there. */
  leave(name: string): void {
    const channel = this.channels.get(name);
    if (channel) {
      this.channels.delete(name);
      channel.readers.delete(this);
      channel.unlisten();
      this.connection.lease?.leave(name);
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

  /** Sends the headers and the first frames. */
  protected begin(options: OpenOptions, priming: string): void {
    this.connection.begin(options, priming);
  }

  /** Nothing is left between its place and the live events. */
  protected goLive(): void {
    this.state = 'live';
    this.behind = false;
  }

  private async join(channel: LiveChannel): Promise<void> {
    if (!this.connection.closed && !this.channels.has(channel.name)) {
      this.channels.set(channel.name, channel);
      channel.readers.add(this);
      await channel.listen();
    }
  }

  private lag(): void {
    if (this.overflow.policy === 'disconnect') {
      this.connection.close('overflow');
      return;
    }
    this.state = 'lagging';
    this.behind = true;
    this.connection
      .drained()
      .then(() => this.catchUp())
      .catch((error: unknown) => this.connection.fail(error));
  }

  /** Whether all its channels have ended, now that one has, is for the log to say; it stays live meanwhile. */
  private async endIfAllHave(): Promise<void> {
    const page = await this.context.replays.goOn(this, this.cursor, this.seq);
    if (page.ended && this.state === 'live' && this.seq <= page.seq) {
      this.connection.close('complete');
    }
  }

  /** Reads the log until nothing is left between it and the live events. */
  private async catchUp(first?: Page): Promise<void> {
    let page = first;
    while (!this.connection.closed) {
      this.state = 'replaying';
      if (!page) {
        // What has been passed over so far is in the log, or gone.
        this.missedThrough = 0;
        page = this.behind ? await this.missed() : await this.pageAfter(this.cursor, this.seq);
      }
      if (this.connection.closed) {
        return;
      }
      const sentAll = this.send(page);
      if (page.ended && sentAll) {
        this.connection.close('complete');
        return;
      }
      if (this.connection.overflows()) {
        // Its own flood, not the client's slowness: it goes on when the client has read.
        this.state = 'lagging';
        await this.connection.drained();
      } else if (sentAll && !page.more && this.missedThrough <= this.seq) {
        // No await between the look at missedThrough and this: no live event can fall in between.
        this.goLive();
        return;
      } else if (page.more) {
        // A broker that answers at once would keep everybody else waiting for all of it.
        await nextTurn();
      }
      page = undefined;
    }
  }

  /** What was missed while it lagged, as the overflow policy leaves it. */
  private missed(): Promise<Page> {
    const { overflow } = this;
    if (overflow.policy !== 'conflate' && overflow.policy !== 'drop-oldest') {
      return this.pageAfter(this.cursor, this.seq);
    }
    return readMissed(
      { cursor: this.cursor, seq: this.seq },
      ({ cursor, seq }) => this.pageAfter(cursor, seq),
      (event) => !this.connection.closed && this.wants(event),
      { policy: overflow.policy, maxBufferedBytes: overflow.maxBufferedBytes },
    );
  }

  private async pageAfter(cursor: EventId, seq: number): Promise<Page> {
    const page = await this.context.replays.goOn(this, cursor, seq);
    return this.partial?.page(page, this.seq) ?? page;
  }

  /** @returns whether all of it has been written; not, where more waits for the client than may */
  private send(page: Page): boolean {
    const gaps = this.gaps(page);
    const last = page.events.at(-1);
    let sent = false;
    for (const { text, count, through } of replayPieces(page.events, (event) => this.wants(event), gaps)) {
      this.writeText(text, count);
      this.seq = through.seq;
      this.cursor = through.id;
      this.primed = true;
      sent = true;
      if (this.connection.overflows() && through !== last) {
        return false;
      }
    }
    if (!sent && (gaps !== '' || (!this.primed && !page.more))) {
      this.writeText(gaps + idFrame(page.cursor), 0);
      this.primed = true;
    }
    this.seq = page.seq;
    this.cursor = page.cursor;
    return true;
  }

  private gaps({ gap, cursor: id }: Page): string {
    const lost = [...(this.lost ?? [])].filter((name) => this.channels.has(name));
    this.lost = undefined;
    const told = lost.length > 0 ? this.connection.gap({ reason: 'lost', channels: lost, id }) : '';
    return gap ? told + this.connection.gap({ ...gap, id }) : told;
  }

  private writeText(text: string, count: number): void {
    this.connection.write(new Payload(text), count, this.context.clock.now());
  }

  /** While a page was read it may have been taken out of a channel; and not each channel's history is wanted. */
  private wants(event: BrokerEvent): boolean {
    return this.channels.has(event.channel) && (this.partial?.wants(event) ?? true);
  }
}
