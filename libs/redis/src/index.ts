export { RedisReplyError } from './connection/redis-port.js';
export type {
  RedisClusterOptions,
  RedisConnectionOptions,
  RedisSentinelOptions,
} from './connection/connection-options.js';
export { redisBroker } from './redis-broker-factory.js';
export type { RedisBrokerOptions } from './redis-options.js';
