import { randomBytes } from 'node:crypto';
import {
  type Broker,
  type BrokerContext,
  type BrokerHealth,
  type BrokerSink,
  type EventId,
  type EventRecord,
  type InterruptionListener,
  type Replay,
  type ReplayStart,
  SseError,
  type Unsubscribe,
} from '@nestcast/hub';
import { FirstConnection } from './connection/first-connection.js';
import { orRefusal } from './connection/redis-errors.js';
import type { RedisListener, RedisPort, RedisPortFactory } from './connection/redis-port.js';
import { RedisLeases } from './leases/redis-leases.js';
import { LiveFeed } from './live/live-feed.js';
import { Marks } from './live/marks.js';
import { PositionCheck } from './live/position-check.js';
import { Subscriptions } from './live/subscriptions.js';
import { LogKeys } from './log/log-keys.js';
import { LogLife } from './log/log-life.js';
import { RedisLog } from './log/redis-log.js';

export interface RedisBrokerSettings {
  readonly connect: RedisPortFactory;
  /** All keys begin with it. */
  readonly prefix: string;
  /** The number of the database that the connections use. */
  readonly database: number;
  /** How long calls wait for the first connection, and subscriptions for their first sign; milliseconds. */
  readonly timeoutMs: number;
  /** How long a channel without events is remembered, and the log's own keys without a node; milliseconds. */
  readonly expireMs: number;
  /** Time between two looks for events that were lost without a word; milliseconds. */
  readonly checkMs: number;
  /** After how long without a sign of life a node has lost its leases; milliseconds. */
  readonly leaseMs: number;
}

/** A node's door to the log in Redis. */
export class RedisBroker implements Broker {
  readonly shared = true;
  readonly leases: RedisLeases;
  private readonly port: RedisPort;
  private readonly keys: LogKeys;
  private readonly first: FirstConnection;
  private readonly life: LogLife;
  private readonly log: RedisLog;
  private readonly marks: Marks;
  private readonly subscriptions: Subscriptions;
  private readonly feed: LiveFeed;
  private readonly check: PositionCheck;
  private closed = false;

  constructor(
    { connect, prefix, database, timeoutMs, expireMs, checkMs, leaseMs }: RedisBrokerSettings,
    private readonly context: BrokerContext,
  ) {
    const { clock, history } = context;
    const keys = new LogKeys(prefix, database);
    this.keys = keys;
    this.first = new FirstConnection(clock, timeoutMs);
    const keepMs = Math.max(expireMs, history.maxAgeMs, 4 * checkMs);
    const onError = (error: unknown, what: string): void => this.report(error, what);
    this.port = connect(this.listener(keys));
    const { port, first } = this;
    this.leases = new RedisLeases({ port, prefix: `{${prefix}}:`, clock, leaseMs, first, onError });
    this.life = new LogLife({
      port,
      keys,
      first,
      keepMs,
      onEntered: (moved) => this.entered(moved),
    });
    const { life } = this;
    this.log = new RedisLog(life, keys, { ...history, expireMs });
    this.marks = new Marks(life, keys, keepMs, randomBytes(9).toString('base64url'));
    const { log, marks } = this;
    this.subscriptions = new Subscriptions({
      port,
      life,
      keys,
      marks,
      clock,
      timeoutMs,
      onJoin: (mark) => this.feed.join(mark),
      onError,
    });
    const { subscriptions } = this;
    this.feed = new LiveFeed({ log, life, marks, subscriptions, onError });
    this.check = new PositionCheck({
      marks,
      feed: this.feed,
      subscriptions,
      clock,
      everyMs: checkMs,
      onError,
    });
  }

  async publish(channel: string, event: EventRecord): Promise<EventId> {
    this.assertOpen();
    return this.log.publish(channel, event);
  }

  async subscribe(
    channel: string,
    sink: BrokerSink,
    onInterruption?: InterruptionListener,
  ): Promise<Unsubscribe> {
    this.assertOpen();
    return this.subscriptions.subscribe(channel, sink, onInterruption);
  }

  async replay(channels: readonly string[], from: ReplayStart, limit: number): Promise<Replay> {
    this.assertOpen();
    return this.log.replay(channels, from, limit);
  }

  async spendOnce(key: string, ttlMs: number): Promise<boolean> {
    this.assertOpen();
    await this.first.wait();
    const args = [this.keys.spent(key), '', 'NX', 'PX', Math.max(1, Math.ceil(ttlMs))];
    const taken = await orRefusal(this.port.call('SET', ...args));
    return taken !== null;
  }

  async health(): Promise<BrokerHealth> {
    return this.port.state;
  }

  async close(): Promise<void> {
    this.closed = true;
    this.check.end();
    this.feed.end();
    this.subscriptions.close();
    this.life.close();
    this.first.end();
    await this.leases.close();
    await this.port.close();
  }

  /** What the connections tell, to those whom it concerns. */
  private listener(keys: LogKeys): RedisListener {
    return {
      message: (carrier, text) => this.receive(keys, carrier, text),
      listening: () => {
        this.feed.catchUp();
        this.subscriptions.listening();
        this.leases.listening();
      },
      available: () => {
        this.first.there();
        this.life.enter();
        this.leases.available();
      },
      // Whoever asks is told.
      unavailable: () => undefined,
    };
  }

  private receive(keys: LogKeys, carrier: string, text: string): void {
    const channel = keys.carried(carrier);
    if (channel !== undefined) {
      this.feed.receive(channel, text);
    } else if (carrier === this.marks.carrier) {
      this.feed.receiveMark(text);
    } else if (carrier === this.leases.channel) {
      this.leases.message(text);
    } else if (carrier === keys.epochs && text !== this.life.epoch) {
      this.life.enter();
    }
  }

  private entered(moved: boolean): void {
    if (moved || this.feed.behind) {
      this.feed.catchUp();
    }
  }

  /** What a Redis that is away, or a close, makes fail is tried again, or need not be. */
  private report(error: unknown, what: string): void {
    const known =
      error instanceof SseError && (error.code === 'BROKER_UNAVAILABLE' || error.code === 'BROKER_CLOSED');
    if (!known) {
      this.context.onError(error, what);
    }
  }

  private assertOpen(): void {
    if (this.closed) {
      throw new SseError(
        'BROKER_CLOSED',
        'The broker is closed; publish and subscribe before the application closes.',
      );
    }
  }
}
