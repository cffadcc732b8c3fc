import type { Observable } from 'rxjs';
import { type AttachOptions, Attachment } from './attachment.js';
import type { Broker, BrokerHealth, BrokerStats } from './broker/broker.js';
import { healthOf } from './broker/broker-health.js';
import { Channel, type ChannelEvent } from './channel.js';
import { ChannelOpener } from './channel-opener.js';
import { ChannelOptionsTable } from './channel-options.js';
import type { Clock } from './clock.js';
import type { ConnectionFilter } from './connection-filter.js';
import type { DisconnectReason } from './disconnect-reason.js';
import { Connections } from './connections.js';
import type { HubConnection } from './delivery/hub-connection.js';
import type { ConnectionInit } from './delivery/connection-init.js';
import { FAN_OUT_BUDGET_MS, FanOut } from './delivery/fan-out.js';
import { PrivateStream } from './delivery/private-stream.js';
import { RECENT, RecentEvents } from './delivery/recent-events.js';
import type { EventId, EventRecord, SseEvent } from './event.js';
import type { ChannelOpenOptions, HubOptions } from './hub-options.js';
import type { StatsSnapshot } from './hub-stats.js';
import type { LifecycleEvent } from './lifecycle-event.js';
import type { HubEnvironment } from './hub-environment.js';
import { readHistory } from './history.js';
import { LiveChannels } from './live-channels.js';
import { Admission } from './limits/admission.js';
import type { LeaseStore } from './limits/lease-store.js';
import type { RefusalCause } from './limits/refusal-cause.js';
import { Rates, processFigures } from './node-figures.js';
import { inThisContext } from './own-context.js';
import { OneTimeKeys } from './one-time-keys.js';
import type { Presence } from './presence.js';
import type { HubNode } from './nodes/node-directory.js';
import type { Nodes } from './nodes/nodes.js';
import { joinNodes } from './nodes/join-nodes.js';
import { NodePressureProbe } from './pressure/node-pressure-probe.js';
import { Publisher } from './publisher.js';
import { Shutdown } from './shutdown.js';
import { SseError } from './sse-error.js';
import { TimerWheel } from './timer-wheel.js';

/** Channels, connections and the broker of one node. */
export class Hub {
  readonly clock: Clock;
  /** @internal */
  readonly oneTimeKeys: OneTimeKeys;

  private readonly broker: Broker;
  private readonly onError: HubEnvironment['onError'];
  private readonly fanOut: FanOut;
  private readonly opener: ChannelOpener;
  private readonly publisher: Publisher;
  private readonly live: LiveChannels;
  private readonly open: Connections;
  private readonly admission: Admission;
  private readonly shutdown: Shutdown;
  private readonly rates: Rates;
  private readonly allNodes: Nodes;

  constructor(options: HubOptions, environment: HubEnvironment) {
    const { clock = new TimerWheel(), probe = new NodePressureProbe(), observer, rightsMs } = environment;
    this.onError = inThisContext(environment.onError);
    const { history } = options;
    const channelOptions = new ChannelOptionsTable(options.channels);
    this.clock = clock;
    this.broker = options.broker({ history, clock, onError: this.onError });
    this.rates = new Rates(clock);
    this.fanOut = new FanOut(clock, FAN_OUT_BUDGET_MS, observer);
    const recent = new RecentEvents(environment.recent ?? RECENT, history, clock);
    const { broker, fanOut, onError } = this;
    const onPublished = (): void => void (this.open.counters.published += 1);
    this.publisher = new Publisher({ broker, clock, channelOptions, observer, onPublished });
    this.live = new LiveChannels({ broker, clock, fanOut, recent, onError }, channelOptions);
    this.opener = new ChannelOpener(this.live, clock);
    const onPopulated = (populated: boolean): void => this.admission.watch(populated);
    this.open = new Connections(clock, onError, onPopulated, rightsMs);
    this.admission = new Admission(options, { broker, clock, probe, connections: this.open, onError });
    this.oneTimeKeys = new OneTimeKeys(broker, clock);
    const { open: connections } = this;
    const { batchers } = this.publisher;
    const { reconnectWindowMs } = options.drain;
    const written = (): Promise<void> => fanOut.flushed();
    const shared = { broker, clock, connections, batchers, written, reconnectWindowMs, onError };
    this.allNodes = joinNodes(shared);
    this.shutdown = new Shutdown({ ...shared, nodes: this.allNodes });
  }

  /** Counts connections against their limits: the broker's over all nodes, or this node's own. */
  get leases(): LeaseStore {
    return this.admission.leases;
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
    return this.publisher.publish(name, event);
  }

  /** @internal */
  publishRecord(name: string, record: EventRecord): Promise<EventId> {
    return this.publisher.publishRecord(name, record);
  }

  /**
   * A handle on a channel; it costs nothing to get one.
   *
   * @throws SseError `INVALID_CHANNEL_NAME`
   */
  channel<Events extends object = object>(name: string): Channel<Events> {
    return new Channel<Events>(name, {
      publish: (channel, event) => this.publish(channel, event),
      events: (channel) => this.live.events(channel),
    });
  }

  /** @see readHistory */
  history(names: readonly string[], limit: number): Promise<ChannelEvent[]> {
    return readHistory(this.broker, names, limit);
  }

  /**
   * Publishes what the source emits to the channel, subscribed to only while somebody listens on this node.
   *
   * @returns detaches it
   * @throws SseError `INVALID_CHANNEL_NAME`, or `INVALID_OPTION` for a source that is no Observable or a bad lingerMs
   */
  attach(name: string, source: Observable<SseEvent>, options: AttachOptions = {}): () => void {
    const { clock, onError } = this;
    const publish = (event: SseEvent): Promise<EventId> => this.publish(name, event);
    return this.live.attach(Attachment.of(name, source, options, { clock, publish, onError }));
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
    this.admission.assertRoom();
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
  openChannels(
    connection: HubConnection,
    channels: readonly Channel[],
    options: ChannelOpenOptions,
  ): Promise<'open' | 'ended'> {
    return this.opener.open(connection, channels, options);
  }

  /** Makes a connection the stream of events for its client alone. */
  openPrivate(connection: HubConnection): PrivateStream {
    const stream = new PrivateStream(connection, this.clock);
    connection.reader = stream;
    return stream;
  }

  /**
   * Closes the connections that match, on all nodes that use the same log. What has been published before still arrives;
   * nothing that is published after it has resolved does.
   *
   * @returns how many, on this node and on those that have answered within a second. One that has not (it is cut off)
   * closes its own when it can
   * @throws SseError `INVALID_OPTION` if the filter names nothing, or something that is unknown or empty, or for another
   * reason; `BROKER_UNAVAILABLE` or `BROKER_CLOSED` if the broker has not taken it within a second: those of this node are
   * closed then, but others may not have been told
   */
  async disconnect(filter: ConnectionFilter, reason: DisconnectReason = 'server'): Promise<number> {
    return this.allNodes.change({ kind: 'disconnect', filter, reason });
  }

  /**
   * Takes the connections that match out of a channel, on all nodes; one that has no other is closed with the reason
   * `revoked`.
   *
   * @returns how many
   * @throws SseError as {@link disconnect}
   */
  async unsubscribe(filter: ConnectionFilter, name: string): Promise<number> {
    return this.allNodes.change({ kind: 'unsubscribe', filter, channel: name });
  }

  /** The open connections of this node, or one of them by its id. */
  connections(): HubConnection[] {
    return this.open.list();
  }

  connection(id: string): HubConnection | undefined {
    return this.open.get(id);
  }

  /**
   * Who is connected to a channel, a user a line, on all nodes that are alive and answer within a second.
   *
   * @throws SseError `BROKER_UNAVAILABLE` or `BROKER_CLOSED` if there are others, or may be, and they can't be asked
   */
  presence(name: string): Promise<Presence[]> {
    return this.allNodes.presence(name);
  }

  /** The nodes that use the same log and are alive, this one first; of another broker than a shared one just this one. */
  nodes(): HubNode[] {
    return this.allNodes.list();
  }

  /** Figures of this node since its start. */
  stats(): StatsSnapshot {
    const counts = this.open.stats(this.live.size);
    const { pressureFigures: pressure } = this.admission;
    return { ...counts, rates: this.rates.of(counts), process: processFigures(), pressure };
  }

  /** What the broker's log holds; `undefined` where the broker can't tell. */
  async brokerStats(): Promise<BrokerStats | undefined> {
    return this.broker.stats?.();
  }

  health(): Promise<BrokerHealth> {
    return healthOf(this.broker);
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
   * timer, socket or listener of the hub remains. A broker that doesn't answer, or fails, is reported, and left.
   */
  async close(): Promise<void> {
    await this.drain();
    this.admission.close();
    this.live.complete();
    this.open.complete();
    await this.shutdown.closeBroker();
    // Windows that events have opened since the drain.
    await this.fanOut.flushed();
  }
}
