import type { Cancel, Clock } from '@nestcast/hub';
import type { Redis } from 'ioredis';
import { backoffMs } from './backoff.js';
import type { RedisRoute } from './redis-route.js';
import { scheduleAfterReading } from './time-limit.js';

/** Connections that have lived so long are worth an attempt at once when they are lost. */
const SETTLED_MS = 2_000;

/** What a connection has reached. */
export interface RedisNode {
  /** Which process it is: another after each start. `undefined` where Redis doesn't tell. */
  readonly runId: string | undefined;
}

/** Told how a link fares. */
export interface LinkListener {
  up(redis: Redis, node: RedisNode): void;
  /** The connection is lost, or an attempt at one has failed. */
  down(reason: string): void;
}

/**
 * One connection that is made anew whenever it is lost: by one attempt at a time, each with an ioredis client of its own, so
 * that nothing of the last connection is sent again on the next.
 */
export class RedisLink {
  private current: Redis | undefined;
  private failures = 0;
  private upSince: number | undefined;
  private cancel: Cancel = () => undefined;

  /** @param dialMs how long an attempt may take until Redis has answered that it is ready */
  constructor(
    private readonly route: RedisRoute,
    private readonly clock: Clock,
    private readonly dialMs: number,
    private readonly listener: LinkListener,
  ) {
    this.dial();
  }

  /** Drops the present connection, and makes another after a while. */
  redial(reason: string): void {
    if (this.current) {
      this.lost(this.current, reason);
    }
  }

  close(): void {
    this.cancel();
    if (this.current) {
      discard(this.current);
      this.current = undefined;
    }
  }

  private dial(): void {
    const redis = this.route();
    this.current = redis;
    let reason = 'the connection was closed';
    redis.on('error', (error) => (reason = error.message));
    redis.once('end', () => this.lost(redis, reason));
    redis.once('ready', () => {
      this.identify(redis).catch((error: unknown) => this.lost(redis, String(error)));
    });
    this.cancel = scheduleAfterReading(this.clock, this.dialMs, () =>
      this.lost(redis, `${reason}, and no answer within ${this.dialMs} ms`),
    );
  }

  private async identify(redis: Redis): Promise<void> {
    const node = await nodeOf(redis);
    if (this.current === redis) {
      this.cancel();
      this.upSince = this.clock.now();
      this.listener.up(redis, node);
    }
  }

  private lost(redis: Redis, reason: string): void {
    if (this.current !== redis) {
      return;
    }
    this.cancel();
    this.current = undefined;
    discard(redis);
    const settled = this.upSince !== undefined && this.clock.now() - this.upSince >= SETTLED_MS;
    this.failures = settled ? 0 : this.failures + 1;
    this.upSince = undefined;
    this.cancel = this.clock.schedule(backoffMs(this.failures), () => this.dial());
    this.listener.down(reason);
  }
}

/** @throws Error if it is a replica, which takes no events */
async function nodeOf(redis: Redis): Promise<RedisNode> {
  let info: string;
  try {
    info = await redis.info();
  } catch (error) {
    if (error instanceof Error && error.message.startsWith('NOPERM')) {
      return { runId: undefined };
    }
    throw error;
  }
  if (/^role:slave/m.test(info)) {
    throw new Error('this is a replica; the master is needed');
  }
  return { runId: /^run_id:(\w+)/m.exec(info)?.[1] };
}

function discard(redis: Redis): void {
  redis.removeAllListeners('message');
  redis.disconnect();
}
