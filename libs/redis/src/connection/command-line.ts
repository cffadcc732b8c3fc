import type { Clock } from '@nestcast/hub';
import type { Redis } from 'ioredis';
import { Breaker } from './breaker.js';
import { brokerClosed, isElsewhere, portError, unavailable } from './redis-errors.js';
import { RedisLink, type RedisRoute } from './redis-link.js';
import type { RedisNode } from './redis-node.js';
import type { RedisState } from './redis-port.js';

/** More than this is not let under way: commands, and bytes that the socket hasn't taken. */
const MOST_UNANSWERED = 20_000;
const MOST_UNSENT_BYTES = 64 * 2 ** 20;

export interface CommandLineListener {
  /** Commands are let through, to this node. */
  available(node: RedisNode): void;
  unavailable(reason: string): void;
}

/** What is sent in one turn leaves at its end, all in one write: that is when its time begins. */
interface Turn {
  sentAt: number | undefined;
}

interface Unanswered {
  readonly turn: Turn;
  readonly reject: (error: Error) => void;
}

/** The connection for commands, behind its breaker. */
export class CommandLine {
  private readonly breaker: Breaker;
  private readonly link: RedisLink;
  private readonly unanswered = new Set<Unanswered>();
  private redis: Redis | undefined;
  private node: RedisNode = { runId: undefined };
  private turn: Turn | undefined;
  private closed = false;

  constructor(
    route: RedisRoute,
    private readonly clock: Clock,
    timeoutMs: number,
    listener: CommandLineListener,
  ) {
    this.breaker = new Breaker(clock, timeoutMs, {
      oldestUnanswered: () => this.oldestUnanswered(),
      closed: () => listener.available(this.node),
      opened: (reason) => {
        this.rejectAll(unavailable(reason));
        listener.unavailable(reason);
      },
      probe: () => this.probe(),
      givenUp: (reason) => this.link.redial(reason),
    });
    this.link = new RedisLink(route, clock, 2 * timeoutMs, {
      up: (redis, node) => {
        this.redis = redis;
        this.node = node;
        this.breaker.connected();
      },
      down: (reason) => {
        this.redis = undefined;
        this.turn = undefined;
        this.breaker.lost(reason);
      },
    });
  }

  get state(): RedisState {
    return this.breaker.state;
  }

  /** @see RedisPort.call */
  call(command: string, args: readonly (string | number)[]): Promise<unknown> {
    const { redis } = this;
    if (this.closed) {
      return Promise.reject(brokerClosed());
    }
    if (!redis || !this.breaker.isUp) {
      return Promise.reject(unavailable(`${this.state.detail}; nothing was sent`));
    }
    if (this.unanswered.size >= MOST_UNANSWERED || redis.stream.writableLength >= MOST_UNSENT_BYTES) {
      return Promise.reject(unavailable(`${this.unanswered.size} commands are under way; nothing was sent`));
    }
    return new Promise((resolve, reject) => {
      const entry: Unanswered = { turn: this.thisTurn(redis), reject };
      this.unanswered.add(entry);
      redis.call(command, ...args).then(
        (reply) => {
          this.settled(entry, redis);
          return resolve(reply);
        },
        (error: unknown) => {
          this.settled(entry, redis);
          reject(this.refused(portError(error)));
        },
      );
    });
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
    this.redis = undefined;
    this.link.close();
    this.breaker.end();
    this.rejectAll(brokerClosed());
  }

  private settled(entry: Unanswered, redis: Redis): void {
    this.unanswered.delete(entry);
    if (redis === this.redis) {
      this.breaker.answered();
    }
  }

  private refused(error: Error): Error {
    if (isElsewhere(error)) {
      this.link.redial(error.message);
    }
    return error;
  }

  private thisTurn(redis: Redis): Turn {
    if (!this.turn) {
      const turn: Turn = { sentAt: undefined };
      const { stream } = redis;
      stream.cork();
      setImmediate(() => {
        if (this.turn === turn) {
          this.turn = undefined;
        }
        turn.sentAt = this.clock.now();
        stream.uncork();
        this.breaker.sent();
      });
      this.turn = turn;
    }
    return this.turn;
  }

  private oldestUnanswered(): number | undefined {
    for (const { turn } of this.unanswered) {
      return turn.sentAt ?? this.clock.now();
    }
    return undefined;
  }

  private probe(): void {
    this.redis?.call('PING').then(
      () => this.breaker.answered(),
      // Of a lost connection the link tells.
      () => undefined,
    );
  }

  private rejectAll(error: Error): void {
    const unanswered = [...this.unanswered];
    this.unanswered.clear();
    unanswered.forEach(({ reject }) => reject(error));
  }
}
