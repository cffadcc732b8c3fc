import { randomUUID } from 'node:crypto';
import type { BrokerContext, Clock, HistoryOptions } from '@nestcast/hub';
import { ioredisPort } from '../connection/ioredis-port.js';
import type { RedisPortFactory } from '../connection/redis-port.js';
import { RedisBroker, type RedisBrokerSettings } from '../redis-broker.js';

const clock: Clock = {
  now: () => Date.now(),
  schedule: (delayMs, task) => {
    const timer = setTimeout(task, delayMs);
    return () => clearTimeout(timer);
  },
};

export interface NodeOptions extends Partial<Omit<RedisBrokerSettings, 'connect'>> {
  readonly history?: Partial<HistoryOptions>;
  /** Wraps the connections. */
  readonly over?: (connect: RedisPortFactory) => RedisPortFactory;
}

/** Nodes of one broker, for specs. */
export class BrokerNodes {
  readonly prefix = randomUUID();
  /** What they have reported where nobody waits for it. */
  readonly reports: unknown[] = [];
  private readonly open: RedisBroker[] = [];

  /** A node that uses the Redis at `url`. */
  node(
    url: string,
    { history, over = (connect) => connect, timeoutMs = 1_000, ...settings }: NodeOptions = {},
  ): RedisBroker {
    const context: BrokerContext = {
      history: { maxEvents: 1_000, maxAgeMs: 600_000, ...history },
      clock,
      onError: (error) => this.reports.push(error),
    };
    const connect = over(ioredisPort({ url, timeoutMs, tag: this.prefix, clock }));
    const broker = new RedisBroker(
      {
        connect,
        prefix: this.prefix,
        database: 0,
        timeoutMs,
        expireMs: 3_600_000,
        checkMs: 60_000,
        leaseMs: 10_000,
        ...settings,
      },
      context,
    );
    this.open.push(broker);
    return broker;
  }

  async close(): Promise<void> {
    await Promise.all(this.open.map((broker) => broker.close()));
  }
}
