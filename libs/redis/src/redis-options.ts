import { type RedisConnectionOptions, invalid } from './connection/connection-options.js';

/** Where Redis is, exactly one of `url`, `cluster`, `sentinel` and `client`, and how the broker is to use it. */
export interface RedisBrokerOptions extends RedisConnectionOptions {
  /**
   * What the names of all keys and Pub/Sub channels begin with, as `{prefix}:`; applications that share a database of a Redis need different
   * ones. Default `nestcast`.
   */
  readonly prefix?: string | undefined;
  /**
   * How long Redis may take to answer, in milliseconds: then calls reject with `BROKER_UNAVAILABLE`, at once until it answers
   * again. Default 2,000.
   */
  readonly timeoutMs?: number | undefined;
  /** After how many milliseconds without a sign of life a node's connections don't count against limits any more. Default 10,000. */
  readonly leaseMs?: number | undefined;
  /**
   * How long Redis remembers a channel without events, and the log when there is no node, in milliseconds; never shorter than the
   * events are kept. Default 21,600,000 (6 hours).
   */
  readonly expireMs?: number | undefined;
}

/** Options with their defaults. */
export type RedisBrokerValues = Required<
  Pick<RedisBrokerOptions, 'prefix' | 'timeoutMs' | 'leaseMs' | 'expireMs'>
>;

/** The longest that a timer can wait. */
const LONGEST_MS = 2 ** 31 - 1;
/** What a hash tag can't have in it, nor a name that people read. */
const NO_PREFIX = /[{}\s\p{Cc}]/u;

/** @throws SseError `INVALID_OPTION` that names what is wrong */
export function brokerValues({
  prefix = 'nestcast',
  timeoutMs = 2_000,
  leaseMs = 10_000,
  expireMs = 21_600_000,
}: RedisBrokerOptions): RedisBrokerValues {
  if (typeof prefix !== 'string' || prefix === '' || NO_PREFIX.test(prefix)) {
    throw invalid('prefix to be a name without braces, spaces and control characters');
  }
  const times = { timeoutMs, leaseMs, expireMs };
  for (const [name, value] of Object.entries(times)) {
    if (!(Number.isInteger(value) && value > 0 && value <= LONGEST_MS)) {
      throw invalid(`${name} to be a whole number of milliseconds from 1 to ${LONGEST_MS}, but got ${value}`);
    }
  }
  return { prefix, ...times };
}
