import type { Cancel, Clock } from '@nestcast/hub';
import type { Redis } from 'ioredis';
import { backoffMs } from './backoff.js';
import { messageOf } from './redis-errors.js';
import { type RedisNode, readNode } from './redis-node.js';
import { scheduleAfterReading } from './time-limit.js';

/**
 * Begins a connection to where the broker's keys are now. An attempt that fails rejects, or ends the client that it has given;
 * what is still under way when `signal` is aborted it lets go of.
 */
export interface RedisRoute {
  (signal: AbortSignal): Redis | Promise<Redis>;
}

/** Connections that have lived so long are worth an attempt at once when they are lost. */
const SETTLED_MS = 2_000;

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
  private current: Attempt | undefined;
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

  /** Redis is there, as another link has found: no need to wait with the next attempt. */
  hurry(): void {
    if (!this.current) {
      this.cancel();
      this.dial();
    }
  }

  close(): void {
    this.cancel();
    this.current?.discard();
    this.current = undefined;
  }

  private dial(): void {
    const attempt = new Attempt();
    this.current = attempt;
    this.cancel = scheduleAfterReading(this.clock, this.dialMs, () =>
      this.lost(attempt, `${attempt.reason}, and no answer within ${this.dialMs} ms`),
    );
    this.reach(attempt).catch((error: unknown) => this.lost(attempt, messageOf(error)));
  }

  private async reach(attempt: Attempt): Promise<void> {
    const redis = await this.route(attempt.signal);
    attempt.use(redis);
    redis.once('end', () => this.lost(attempt, attempt.reason));
    await new Promise((resolve) => redis.once('ready', resolve));
    const node = await nodeOf(redis);
    if (this.current === attempt) {
      this.cancel();
      this.upSince = this.clock.now();
      this.listener.up(redis, node);
    }
  }

  private lost(attempt: Attempt, reason: string): void {
    if (this.current !== attempt) {
      return;
    }
    this.cancel();
    this.current = undefined;
    attempt.discard();
    const settled = this.upSince !== undefined && this.clock.now() - this.upSince >= SETTLED_MS;
    this.failures = settled ? 0 : this.failures + 1;
    this.upSince = undefined;
    this.cancel = this.clock.schedule(backoffMs(this.failures), () => this.dial());
    this.listener.down(reason);
  }
}

/** One connection, from when it is begun. */
class Attempt {
  /** What has gone wrong last. */
  reason = 'the connection was closed';
  private readonly abortion = new AbortController();
  private redis: Redis | undefined;

  get signal(): AbortSignal {
    return this.abortion.signal;
  }

  use(redis: Redis): void {
    this.redis = redis;
    redis.on('error', (error) => (this.reason = error.message));
    if (this.signal.aborted) {
      redis.disconnect();
    }
  }

  discard(): void {
    this.abortion.abort();
    this.redis?.removeAllListeners('message');
    this.redis?.disconnect();
  }
}

/** @throws Error if it is none that can be used */
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
  return readNode(info);
}
