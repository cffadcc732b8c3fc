import { Redis, type RedisOptions } from 'ioredis';

/** Begins a connection to where the broker's keys are now. */
export interface RedisRoute {
  (): Redis;
}

/** What the links see to themselves, and ioredis is not to do. */
const OVERRIDES: RedisOptions = {
  lazyConnect: false,
  // A server that doesn't answer would not take leave either.
  disconnectTimeout: 0,
  retryStrategy: null,
  sentinelRetryStrategy: () => null,
  reconnectOnError: null,
  enableOfflineQueue: false,
  enableReadyCheck: true,
  autoResubscribe: false,
  autoResendUnfulfilledCommands: false,
  enableAutoPipelining: false,
  maxRetriesPerRequest: null,
  maxLoadingRetryTime: 200,
  commandTimeout: undefined,
  socketTimeout: undefined,
  keyPrefix: '',
  readOnly: false,
  stringNumbers: false,
  protocol: 2,
  replyMapping: 'legacy',
  monitor: false,
};

export function urlRoute(url: string): RedisRoute {
  return () => new Redis(url, { ...OVERRIDES });
}
