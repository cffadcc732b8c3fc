export { FolderTemplate } from './folder-template.js';
export { FaultProxy } from './fault-proxy.js';
export { freePort } from './free-port.js';
export { PostgresServer, type PostgresServerOptions } from './postgres-server.js';
export { RedisCluster } from './redis-cluster.js';
export { RedisServer, type RedisServerOptions } from './redis-server.js';
export { type SystemBinary, systemBinary } from './system-binary.js';
