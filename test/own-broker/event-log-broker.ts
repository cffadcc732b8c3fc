import {
  type Broker,
  type BrokerEvent,
  type BrokerFactory,
  type BrokerSink,
  type EventId,
  type EventRecord,
  type GapReason,
  type Replay,
  type ReplayStart,
  SseError,
  type Unsubscribe,
} from '@nestcast/hub';

/** An entry of the engine's log, or one that was only carried. */
export interface Entry {
  /** Rises by one order over all channels; of one that isn't kept: the place of the newest that is. */
  readonly place: number;
  readonly channel: string;
  readonly kept: boolean;
  /** When the engine took it, in milliseconds since the Unix epoch. */
  readonly at: number;
  readonly text: string;
}

/** What the broker needs of the engine: all that is particular to NATS, Kafka or a database is behind it. */
export interface EventLog {
  /** Another one whenever the log begins anew: up to 32 of a–z and 0–9. */
  readonly epoch: string;
  /** Appends an entry, or only carries it; resolves with its place once it can be read. */
  append(channel: string, text: string, kept: boolean): Promise<number>;
  /**
   * Of a channel: its oldest entries after a place, the place of the newest one that the log has dropped (0: none has been),
   * the newest of all; and the place of the log's newest entry.
   */
  read(
    channel: string,
    after: number,
    limit: number,
  ): Promise<{ entries: readonly Entry[]; dropped: number; newest: Entry | undefined; end: number }>;
  /** Calls `next` with everything that is appended or carried from now on, in order. */
  follow(next: (entry: Entry) => void): Promise<void>;
  close(): Promise<void>;
}

export const eventLogBroker =
  (connect: () => Promise<EventLog>): BrokerFactory =>
  () =>
    new EventLogBroker(connect);

class EventLogBroker implements Broker {
  readonly shared = true;
  private readonly sinks = new Map<string, Set<{ sink: BrokerSink }>>();
  private log: Promise<EventLog> | undefined;
  private closed = false;

  constructor(private readonly connect: () => Promise<EventLog>) {}

  publish(channel: string, event: EventRecord): Promise<EventId> {
    return this.ask(async (log) => {
      const place = await log.append(channel, JSON.stringify(event), !event.ephemeral);
      return event.ephemeral ? '' : `${log.epoch}.${place}`;
    });
  }

  subscribe(channel: string, sink: BrokerSink): Promise<Unsubscribe> {
    return this.ask(async () => {
      const sinks = this.sinks.get(channel) ?? new Set();
      this.sinks.set(channel, sinks);
      const entry = { sink }; // the same function may be subscribed twice
      sinks.add(entry);
      return async () => {
        sinks.delete(entry);
        if (sinks.size === 0 && this.sinks.get(channel) === sinks) {
          this.sinks.delete(channel);
        }
      };
    });
  }

  replay(channels: readonly string[], start: ReplayStart, limit: number): Promise<Replay> {
    return this.ask(async (log) => {
      const { from, reason } = beginning(log, start);
      const asked = [...new Set(channels)];
      const pages = await Promise.all(asked.map((channel) => log.read(channel, from, limit + 1)));
      const end = Math.min(...pages.map((page) => page.end)); // one place for all, whatever came between two answers
      const unknown = start !== 'now' && reason === undefined && from > end;
      if (unknown) {
        return { ...(await this.replay(channels, 'start', limit)), ...gap('unknown-id', asked) };
      }
      const found = pages
        .flatMap(({ entries }) => entries)
        .filter(({ place }) => place <= end)
        .toSorted((a, b) => a.place - b.place);
      const events = found.slice(0, limit).map((entry) => toEvent(log, entry));
      const more = found.length > limit;
      const seq = more ? (events.at(-1)?.seq ?? from) : end;
      const dropped = asked.filter((_, index) => (pages[index]?.dropped ?? 0) > from);
      return {
        events,
        complete: true,
        ...(reason !== undefined ? gap(reason, asked) : dropped.length > 0 && gap('trimmed', dropped)),
        cursor: `${log.epoch}.${seq}`,
        seq,
        more,
        ended: !more && asked.length > 0 && pages.every(({ newest }) => newest && toEvent(log, newest).final),
      };
    });
  }

  async close(): Promise<void> {
    this.closed = true;
    this.sinks.clear();
    await (await this.log)?.close();
  }

  /** Connects with the first call, and again after a failure; what the engine fails with becomes the broker's error. */
  private async ask<T>(question: (log: EventLog) => Promise<T>): Promise<T> {
    if (this.closed) {
      throw new SseError('BROKER_CLOSED', 'The broker is closed.');
    }
    try {
      this.log ??= this.open();
      return await question(await this.log);
    } catch (error) {
      throw error instanceof SseError
        ? error
        : new SseError('BROKER_UNAVAILABLE', 'The log does not answer.', { cause: error });
    }
  }

  private async open(): Promise<EventLog> {
    try {
      const log = await this.connect();
      await log.follow((entry) => {
        this.sinks.get(entry.channel)?.forEach(({ sink }) => sink(toEvent(log, entry)));
      });
      return log;
    } catch (error) {
      this.log = undefined;
      throw error;
    }
  }
}

function beginning(log: EventLog, start: ReplayStart): { from: number; reason?: GapReason } {
  if (typeof start === 'string') {
    return { from: start === 'now' ? Number.MAX_SAFE_INTEGER : 0 };
  }
  const [, epoch, place] = /^([0-9a-z]{1,32})\.(0|[1-9]\d{0,14})$/.exec(start.after) ?? [];
  if (epoch === undefined) {
    return { from: 0, reason: 'unknown-id' };
  }
  return epoch === log.epoch ? { from: Number(place) } : { from: 0, reason: 'epoch' };
}

function gap(reason: GapReason, channels: readonly string[]): Pick<Replay, 'complete' | 'gap'> {
  return { complete: false, gap: { reason, channels } };
}

function toEvent({ epoch }: EventLog, { place, channel, kept, at, text }: Entry): BrokerEvent {
  const id = kept ? `${epoch}.${place}` : '';
  return { ...(JSON.parse(text) as EventRecord), id, channel, seq: place, at };
}
