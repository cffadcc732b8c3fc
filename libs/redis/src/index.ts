export type { RedisListener, RedisPort, RedisPortFactory, RedisState } from './connection/redis-port.js';
export { RedisReplyError } from './connection/redis-port.js';
export { redisBroker, type RedisBrokerOptions } from './redis-broker-factory.js';
