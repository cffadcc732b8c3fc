import type { Cancel, Clock } from '@nestcast/hub';
import type { Redis } from 'ioredis';
import { brokerClosed, messageOf, portError, unavailable } from './redis-errors.js';
import { RedisLink, type RedisRoute } from './redis-link.js';
import type { RedisNode } from './redis-node.js';
import { RedisReplyError } from './redis-port.js';
import { scheduleAfterReading, within } from './time-limit.js';

/** Channels a command: enough for few of them, few enough for Redis to do other things in between. */
const CHUNK = 500;

export interface SubscriberLineListener {
  message(channel: string, text: string): void;
  /** All that is subscribed to is confirmed, on a new connection to this node. */
  listening(node: RedisNode): void;
}

/** Told apart by identity: who has subscribed last to a channel. */
type Subscription = symbol;

/** A subscription that the next connection is to confirm. */
interface Waiting {
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/** The connection that listens. It subscribes anew by itself to all that is wanted whenever it has been lost. */
export class SubscriberLine {
  private readonly wanted = new Map<string, Subscription>();
  /** Those of them that Redis has confirmed on the present connection. */
  private readonly confirmed = new Set<string>();
  private readonly waiting = new Set<Waiting>();
  private readonly link: RedisLink;
  private redis: Redis | undefined;
  private listening = false;
  private heard = false;
  private closed = false;
  private cancelPing: Cancel = () => undefined;

  constructor(
    route: RedisRoute,
    private readonly clock: Clock,
    private readonly timeoutMs: number,
    private readonly listener: SubscriberLineListener,
  ) {
    this.link = new RedisLink(route, clock, 2 * timeoutMs, {
      up: (redis, node) => this.connected(redis, node),
      down: () => this.lost(),
    });
  }

  get isListening(): boolean {
    return this.listening;
  }

  /** @see RedisPort.subscribe */
  async subscribe(channels: readonly string[]): Promise<void> {
    const subscription = Symbol('subscription');
    channels.forEach((channel) => this.wanted.set(channel, subscription));
    try {
      await (this.listening && this.redis ? this.subscribeOn(this.redis, channels) : this.nextConnection());
    } catch (error) {
      this.forget(channels, subscription);
      throw this.closed ? brokerClosed() : error;
    }
  }

  /** @see RedisPort.unsubscribe */
  async unsubscribe(channels: readonly string[]): Promise<void> {
    channels.forEach((channel) => this.wanted.delete(channel));
    await this.unsubscribeOn(channels);
  }

  /** Drops the connection for one to where the master is now. */
  redial(reason: string): void {
    this.link.redial(reason);
  }

  /** Redis is there, as the other connection has found. */
  hurry(): void {
    this.link.hurry();
  }

  close(): void {
    this.closed = true;
    this.lost();
    this.wanted.clear();
    this.waiting.forEach(({ reject }) => reject(brokerClosed()));
    this.link.close();
  }

  private connected(redis: Redis, node: RedisNode): void {
    this.redis = redis;
    redis.on('message', (channel: string, text: string) => {
      this.heard = true;
      // Before all channels are confirmed those of one may come, while those of another are missed: what is read makes up for both.
      if (this.listening && this.redis === redis) {
        this.listener.message(channel, text);
      }
    });
    this.subscribeAnew(redis, node).catch((error: unknown) => this.failed(redis, error));
  }

  /** Resolves when all that is wanted has been subscribed to on a connection to come. */
  private async nextConnection(): Promise<void> {
    let entry: Waiting | undefined;
    const listening = new Promise<void>((resolve, reject) => {
      entry = { resolve, reject };
      this.waiting.add(entry);
    });
    try {
      await within(this.clock, this.timeoutMs, listening, () =>
        unavailable(`no connection to listen on within ${this.timeoutMs} ms`),
      );
    } finally {
      if (entry) {
        this.waiting.delete(entry);
      }
    }
  }

  private lost(): void {
    this.redis = undefined;
    this.listening = false;
    this.confirmed.clear();
    this.cancelPing();
  }

  private failed(redis: Redis, error: unknown): void {
    if (this.redis === redis) {
      this.link.redial(messageOf(error));
    }
  }

  private async subscribeAnew(redis: Redis, node: RedisNode): Promise<void> {
    for (;;) {
      const missing = [...this.wanted.keys()].filter((channel) => !this.confirmed.has(channel));
      if (missing.length === 0) {
        break;
      }
      await this.subscribeOn(redis, missing);
      if (this.redis !== redis) {
        return;
      }
    }
    this.listening = true;
    this.listener.listening(node);
    this.waiting.forEach(({ resolve }) => resolve());
    this.expectPulse(redis);
  }

  private async subscribeOn(redis: Redis, channels: readonly string[]): Promise<void> {
    for (let from = 0; from < channels.length; from += CHUNK) {
      const chunk = channels.slice(from, from + CHUNK);
      const subscriptions = chunk.map((channel) => this.wanted.get(channel));
      await this.answered(redis, redis.subscribe(...chunk));
      if (this.redis !== redis) {
        throw unavailable('the connection was closed');
      }
      chunk.forEach((channel, index) => {
        if (subscriptions[index] && this.wanted.get(channel) === subscriptions[index]) {
          this.confirmed.add(channel);
        }
      });
    }
  }

  /** A subscription that its caller is told has failed; another may want the channel since. */
  private forget(channels: readonly string[], subscription: Subscription): void {
    const own = channels.filter((channel) => this.wanted.get(channel) === subscription);
    own.forEach((channel) => this.wanted.delete(channel));
    void this.unsubscribeOn(own);
  }

  private async unsubscribeOn(channels: readonly string[]): Promise<void> {
    const { redis } = this;
    channels.forEach((channel) => this.confirmed.delete(channel));
    for (let from = 0; from < channels.length; from += CHUNK) {
      if (!redis || redis !== this.redis) {
        return;
      }
      try {
        await this.answered(redis, redis.unsubscribe(...channels.slice(from, from + CHUNK)));
      } catch (error) {
        // On another connection there is no subscription to end.
        this.failed(redis, error);
      }
    }
  }

  /** A connection that doesn't answer in time is given up: the next one tells whether Redis is there. */
  private async answered<T>(redis: Redis, answer: Promise<T>): Promise<T> {
    try {
      const reply = await within(this.clock, this.timeoutMs, answer, () =>
        unavailable(`no answer within ${this.timeoutMs} ms`),
      );
      this.heard = true;
      return reply;
    } catch (error) {
      const reason = portError(error);
      // What is refused is answered: nothing is wrong with the connection.
      if (!(reason instanceof RedisReplyError)) {
        this.failed(redis, reason);
      }
      throw reason;
    }
  }

  /** A connection may be dead without a word: now and then, when nothing has come, it is asked. */
  private expectPulse(redis: Redis): void {
    this.heard = false;
    this.cancelPing = scheduleAfterReading(this.clock, 2.5 * this.timeoutMs, () => {
      this.feelPulse(redis).catch((error: unknown) => this.failed(redis, error));
    });
  }

  private async feelPulse(redis: Redis): Promise<void> {
    if (!this.heard) {
      await this.answered(redis, redis.ping());
    }
    if (this.redis === redis) {
      this.expectPulse(redis);
    }
  }
}
