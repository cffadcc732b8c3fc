/** What the broker needs of Redis: commands for the one that has its keys, and one connection that listens. */
export interface RedisPort {
  /**
   * Sends a command to the master of the broker's keys, over one connection and in the order of the calls. It is sent once:
   * never again after a reconnect.
   *
   * @throws SseError `BROKER_UNAVAILABLE` at once where Redis is known to be away, else after the time limit; the command may
   * then have been carried out. `BROKER_CLOSED` after {@link close}.
   * @throws RedisReplyError what Redis has answered instead
   */
  call(command: string, ...args: readonly (string | number)[]): Promise<unknown>;

  /** Resolves when Redis has confirmed all of them. Rejects as {@link call} does; none counts as wanted then. */
  subscribe(channels: readonly string[]): Promise<void>;

  /** Resolves when they are no longer wanted; while Redis is away that is at once. */
  unsubscribe(channels: readonly string[]): Promise<void>;

  /** Whether commands are let through, and what is wrong if they aren't. */
  readonly state: RedisState;

  /** Ends both connections; one that the application has brought along stays open. */
  close(): Promise<void>;
}

/** Who is told what happens on the connections. None of these may throw. */
export interface RedisListener {
  /** In the order in which Redis has sent them. None comes between the loss of a connection and {@link listening}. */
  message(channel: string, text: string): void;

  /**
   * The listening connection is there, for the first time or again, and Redis has confirmed all that is subscribed to: from
   * here on no message is missed, before it some may have been.
   */
  listening(): void;

  /** Commands are let through, for the first time or again: over a new connection, or after Redis had not answered. */
  available(): void;

  /** Commands are refused from here on. */
  unavailable(reason: string): void;
}

export interface RedisState {
  readonly up: boolean;
  /** What to look at when it is down. */
  readonly detail?: string;
}

/** Makes the connections, which begin at once. */
export interface RedisPortFactory {
  (listener: RedisListener): RedisPort;
}

/** Redis has answered with an error, such as `NOSCRIPT …`. */
export class RedisReplyError extends Error {
  override readonly name = 'RedisReplyError';

  /** The first word of the message. */
  get code(): string {
    return this.message.slice(0, this.message.indexOf(' ') >>> 0);
  }
}
