import { TimerWheel } from '@nestcast/hub';
import { FirstConnection } from '../connection/first-connection.js';
import { ioredisPort } from '../connection/ioredis-port.js';
import type { RedisPort } from '../connection/redis-port.js';
import { RedisLeases } from '../leases/redis-leases.js';
import { eventually } from './eventually.js';

/** The leases of one node, over connections of its own. */
export class LeaseNode {
  readonly leases: RedisLeases;
  readonly port: RedisPort;
  readonly errors: unknown[] = [];
  private readonly first: FirstConnection;

  constructor(url: string, leaseMs: number, prefix = '{spec}:') {
    const clock = new TimerWheel();
    this.first = new FirstConnection(clock, 2_000);
    this.port = ioredisPort({ url, timeoutMs: 500, tag: 'spec', clock })({
      message: (channel, text) => {
        if (channel === this.leases.channel) {
          this.leases.message(text);
        }
      },
      listening: () => this.leases.listening(),
      available: () => {
        this.first.there();
        this.leases.available();
      },
      unavailable: () => undefined,
    });
    this.leases = new RedisLeases({
      port: this.port,
      prefix,
      clock,
      leaseMs,
      first: this.first,
      onError: (error) => this.errors.push(error),
    });
  }

  /** Resolves when it may ask Redis. */
  ready(): Promise<void> {
    return eventually(() => this.port.state.up);
  }

  async close(): Promise<void> {
    await this.leases.close();
    this.first.end();
    await this.port.close();
  }
}
