import { TimerWheel } from '@nestcast/hub';
import { ioredisPort } from '../connection/ioredis-port.js';
import type { RedisPort } from '../connection/redis-port.js';
import { RedisLeases } from '../leases/redis-leases.js';
import { eventually } from './eventually.js';

/** The leases of one node, over connections of its own. */
export class LeaseNode {
  readonly leases: RedisLeases;
  readonly port: RedisPort;
  readonly errors: unknown[] = [];

  constructor(url: string, leaseMs: number, prefix = '{spec}:') {
    const clock = new TimerWheel();
    this.port = ioredisPort(
      { url, timeoutMs: 500 },
      clock,
    )({
      message: (channel, text) => {
        if (channel === this.leases.channel) {
          this.leases.message(text);
        }
      },
      listening: () => this.leases.listening(),
      available: () => this.leases.available(),
      unavailable: () => undefined,
    });
    this.leases = new RedisLeases({
      port: this.port,
      prefix,
      clock,
      leaseMs,
      onError: (error) => this.errors.push(error),
    });
  }

  /** Resolves when it may ask Redis. */
  ready(): Promise<void> {
    return eventually(() => this.port.state.up);
  }

  async close(): Promise<void> {
    await this.leases.close();
    await this.port.close();
  }
}
