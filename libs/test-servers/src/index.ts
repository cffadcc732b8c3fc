export { freePort } from './free-port.js';
export { RedisCluster } from './redis-cluster.js';
export { RedisServer, type RedisServerOptions } from './redis-server.js';
export { type SystemBinary, systemBinary } from './system-binary.js';
