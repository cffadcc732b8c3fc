import type { Observable } from 'rxjs';
import { type AttachOptions, Attachment, assertAttachable } from './attachment.js';
import type { Broker, BrokerHealth, BrokerStats } from './broker/broker.js';
import { Channel } from './channel.js';
import { assertChannelName } from './channel-name.js';
import { ChannelOptionsTable } from './channel-options.js';
import type { Clock } from './clock.js';
import type { ConnectionFilter } from './connection-filter.js';
import { Connections } from './connections.js';
import type { HubConnection } from './delivery/hub-connection.js';
import type { ConnectionInit } from './delivery/connection-init.js';
import { FanOut } from './delivery/fan-out.js';
import { LogReader, type LogReaderContext } from './delivery/log-reader.js';
import { PrivateStream } from './delivery/private-stream.js';
import { RecentEvents } from './delivery/recent-events.js';
import { type EventId, type EventRecord, type SseEvent, toEventRecord } from './event.js';
import { EventBatchers } from './event-batchers.js';
import type { ChannelOpenOptions, HubOptions } from './hub-options.js';
import type { HubObserver } from './hub-observer.js';
import type { StatsSnapshot } from './hub-stats.js';
import type { LifecycleEvent } from './lifecycle-event.js';
import type { HubEnvironment } from './hub-environment.js';
import { LiveChannels } from './live-channels.js';
import type { LeaseStore } from './limits/lease-store.js';
import { NodeLeases } from './limits/node-leases.js';
import type { RefusalCause } from './limits/refusal-cause.js';
import { Rates, processFigures } from './node-figures.js';
import { inThisContext } from './own-context.js';
import { OneTimeKeys } from './one-time-keys.js';
import { assertCloseReason } from './protocol/control-event.js';
import { type Presence, presenceOf } from './presence.js';
import { NodePressureProbe } from './pressure/node-pressure-probe.js';
import { Pressure } from './pressure/pressure.js';
import { shedConnections } from './pressure/shedding.js';
import { Shutdown } from './shutdown.js';
import { SseError } from './sse-error.js';
import { TimerWheel } from './timer-wheel.js';

/** How long a slice of a fan-out may hold the event loop; milliseconds. */
const FAN_OUT_BUDGET_MS = 5;
const DEFAULT_LINGER_MS = 5_000;
const RECENT = { maxEvents: 1_024, maxLength: 4 * 1_024 * 1_024 };

/** Why the application may end streams. */
export type DisconnectReason = 'server' | 'revoked';
const disconnectReasons: readonly DisconnectReason[] = ['server', 'revoked'];

/** Channels, connections and the broker of one node. */
export class Hub {
  readonly clock: Clock;
  /** Counts connections against their limits: the broker's over all nodes, or this node's own. */
  readonly leases: LeaseStore;
  /** @internal */
  readonly oneTimeKeys: OneTimeKeys;

  private readonly broker: Broker;
  private readonly onError: HubEnvironment['onError'];
  private readonly fanOut: FanOut;
  private readonly readerContext: LogReaderContext;
  private readonly batchers: EventBatchers;
  private readonly live: LiveChannels;
  private readonly open: Connections;
  private readonly nodeLeases: NodeLeases;
  private readonly pressure: Pressure;
  private readonly shutdown: Shutdown;
  private readonly rates: Rates;
  private readonly observer: HubObserver | undefined;

  constructor(options: HubOptions, environment: HubEnvironment) {
    const { clock = new TimerWheel(), probe = new NodePressureProbe() } = environment;
    this.onError = inThisContext(environment.onError);
    const { history } = options;
    const channelOptions = new ChannelOptionsTable(options.channels);
    this.clock = clock;
    this.broker = options.broker({ history, clock });
    this.observer = environment.observer;
    this.rates = new Rates(clock);
    this.fanOut = new FanOut(clock, FAN_OUT_BUDGET_MS, this.observer);
    const recent = new RecentEvents(environment.recent ?? RECENT, history, clock);
    this.batchers = new EventBatchers(channelOptions, {
      clock,
      publish: (channel, record) => this.carry(channel, record),
    });
    const { broker, fanOut, onError } = this;
    this.readerContext = { broker, clock, recent };
    this.live = new LiveChannels({ broker, fanOut, recent, onError }, channelOptions);
    this.open = new Connections(clock, onError, (populated) => this.pressure.watch(populated));
    this.pressure = new Pressure(options.pressure, clock, probe, () =>
      shedConnections(this.open.list(), options, clock.now()),
    );
    this.nodeLeases = new NodeLeases(clock);
    this.leases = broker.leases ?? this.nodeLeases;
    this.oneTimeKeys = new OneTimeKeys(broker, clock);
    const { open: connections, batchers } = this;
    const { reconnectWindowMs } = options.drain;
    const written = (): Promise<void> => this.written();
    this.shutdown = new Shutdown({
      clock,
      connections,
      batchers,
      broker,
      reconnectWindowMs,
      written,
      onError,
    });
  }

  /** Opens and closes, each connection once. What a subscriber throws is reported. */
  get lifecycle$(): Observable<LifecycleEvent<HubConnection>> {
    return this.open.lifecycle$;
  }

  /** Whether load balancers should still send it new clients. */
  get ready(): boolean {
    return !this.shutdown.announced;
  }

  /**
   * Publishes an event to a channel.
   *
   * @returns the event's id once it is in the log, in a channel with batches the batch's; the empty string for an ephemeral
   * event
   * @throws SseError `INVALID_CHANNEL_NAME`, `INVALID_EVENT_…`, `INVALID_RETRY` (nothing reaches anybody then),
   * `BROKER_UNAVAILABLE` or `BROKER_CLOSED`, as a rejection
   */
  publish(name: string, event: SseEvent): Promise<EventId> {
    // Not `async`, which would be one more promise for each event.
    try {
      assertChannelName(name);
      return this.publishRecord(name, toEventRecord(event));
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** @internal */
  publishRecord(name: string, record: EventRecord): Promise<EventId> {
    return this.observer
      ? this.observer.publishing(name, record, (observed) => this.batchers.publish(name, observed))
      : this.batchers.publish(name, record);
  }

  /**
   * A handle on a channel; it costs nothing to get one.
   *
   * @throws SseError `INVALID_CHANNEL_NAME`
   */
  channel(name: string): Channel {
    return new Channel(name, {
      publish: (channel, event) => this.publish(channel, event),
      events: (channel) => this.live.events(channel),
    });
  }

  /**
   * Publishes what the source emits to the channel, subscribed to only while somebody listens on this node.
   *
   * @returns detaches it
   * @throws SseError `INVALID_CHANNEL_NAME`, or `INVALID_OPTION` for a source that is no Observable or a bad lingerMs
   */
  attach(name: string, source: Observable<SseEvent>, options: AttachOptions = {}): () => void {
    assertChannelName(name);
    const { lingerMs = DEFAULT_LINGER_MS } = options;
    assertAttachable(source, lingerMs);
    const attachment = new Attachment(name, source, lingerMs, {
      clock: this.clock,
      publish: (event) => this.publish(name, event),
      onError: this.onError,
    });
    return this.live.attach(attachment);
  }

  /**
   * Whether the node takes new connections in, to be asked before anything is done for one.
   *
   * @throws SseError `DRAINING`, `UNDER_PRESSURE`
   */
  assertAccepting(): void {
    if (this.shutdown.begun) {
      throw new SseError('DRAINING', 'The node is shutting down; come back in a moment.');
    }
    this.pressure.assertRoom();
  }

  /**
   * Takes a request in. The connection is known from here on, so that it can be disconnected while its handler runs.
   *
   * @throws SseError `DRAINING`, `UNDER_PRESSURE`
   */
  connect(init: ConnectionInit): HubConnection {
    this.assertAccepting();
    return this.open.add(init);
  }

  /** Counts a request that got no stream. */
  refused(cause: RefusalCause): void {
    this.open.counters.refused(cause);
  }

  /**
   * Subscribes a connection to channels and begins its stream, from the log where it has a Last-Event-ID.
   *
   * @returns `ended` if nothing is left to read and nothing will come (a finished job): answer 204, the client stops
   * @throws what the broker does; nothing has been written then, and the connection is closed
   */
  async openChannels(
    connection: HubConnection,
    channels: readonly Channel[],
    options: ChannelOpenOptions,
  ): Promise<'open' | 'ended'> {
    const reader = new LogReader(connection, options.overflow, this.readerContext);
    connection.reader = reader;
    const { lastEventId } = connection;
    const fromStart = channels.filter(({ startsAt }) => startsAt === 'start').map(({ name }) => name);
    try {
      const outcome = await reader.open(
        channels.map(({ name }) => this.live.of(name)),
        lastEventId ? { after: lastEventId } : { fromStart },
        options,
      );
      if (outcome === 'ended') {
        connection.abandon('complete');
      }
      return outcome;
    } catch (error) {
      connection.abandon('error', error);
      throw error;
    }
  }

  /** Makes a connection the stream of events for its client alone. */
  openPrivate(connection: HubConnection): PrivateStream {
    const stream = new PrivateStream(connection, this.clock);
    connection.reader = stream;
    return stream;
  }

  /**
   * Closes the connections that match, on this node.
   *
   * @returns how many
   * @throws SseError `INVALID_OPTION` if the filter names nothing, or something that is unknown or empty, or for another reason
   */
  async disconnect(filter: ConnectionFilter, reason: DisconnectReason = 'server'): Promise<number> {
    assertCloseReason(reason, disconnectReasons);
    const selected = this.open.select(filter);
    // What was published before it still arrives, "you have been removed" not least.
    await this.written();
    selected.forEach((connection) => connection.close(reason));
    return selected.length;
  }

  /**
   * Takes the connections that match out of a channel; one that has no other is closed with the reason `revoked`.
   *
   * @returns how many
   * @throws SseError `INVALID_OPTION` if the filter names nothing, or something that is unknown or empty
   */
  async unsubscribe(filter: ConnectionFilter, name: string): Promise<number> {
    const selected = this.open.select(filter).filter((connection) => connection.channels.has(name));
    await this.written();
    selected.forEach((connection) => connection.reader?.leave(name));
    return selected.length;
  }

  /** The open connections of this node, or one of them by its id. */
  connections(): HubConnection[] {
    return this.open.list();
  }

  connection(id: string): HubConnection | undefined {
    return this.open.get(id);
  }

  /** Who is connected to a channel, a user a line. */
  async presence(name: string): Promise<Presence[]> {
    return presenceOf(this.open.list(), name);
  }

  stats(): StatsSnapshot {
    const counts = this.open.stats(this.live.size);
    return {
      ...counts,
      rates: this.rates.of(counts),
      process: processFigures(),
      pressure: this.pressure.figures,
    };
  }

  /** What the broker's log holds; `undefined` where the broker can't tell. */
  async brokerStats(): Promise<BrokerStats | undefined> {
    return this.broker.stats?.();
  }

  async health(): Promise<BrokerHealth> {
    try {
      return (await this.broker.health?.()) ?? { up: true };
    } catch (error) {
      return { up: false, detail: String(error) };
    }
  }

  /** Says that it will go: it is no longer ready, and goes on as before. */
  announceDrain(): void {
    this.shutdown.announced = true;
  }

  /**
   * Takes no new connection from here on, and ends every stream with a moment of its own to come back. Resolves when all
   * are flushed or cut off. A second call waits for the first.
   */
  drain(): Promise<void> {
    return this.shutdown.drain();
  }

  /**
   * Waits for other work of the shutdown, for half of the time that is left for all of it; reports it if it isn't done then.
   *
   * @throws what it rejects with
   * @internal
   */
  finish(work: Promise<unknown>, what: string): Promise<void> {
    return this.shutdown.finish(work, what);
  }

  /**
   * Ends what is left and closes the broker, within a second from the drain's beginning, not counted what lies between. No
   * timer, socket or listener of the hub remains. A broker that doesn't answer is reported, and left.
   */
  async close(): Promise<void> {
    await this.drain();
    this.pressure.close();
    this.live.complete();
    this.open.complete();
    this.nodeLeases.close();
    await this.shutdown.closeBroker();
    // Windows that events have opened since the drain.
    await this.fanOut.flushed();
  }

  private async carry(name: string, record: EventRecord): Promise<EventId> {
    const id = await this.broker.publish(name, record);
    this.open.counters.published += 1;
    return id;
  }

  /** Resolves when what has been published so far has been written to the connections of this node. */
  private async written(): Promise<void> {
    await this.batchers.flushed();
    await this.fanOut.flushed();
  }
}
