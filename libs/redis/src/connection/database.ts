import { Redis } from 'ioredis';
import { type RedisConnectionOptions, invalid } from './connection-options.js';

/**
 * The number of the database that the connections are to use, as ioredis reads it.
 *
 * @throws SseError `INVALID_OPTION` if it can't be read, or there is none of that number
 */
export function databaseOf(options: RedisConnectionOptions): number {
  const database = given(options) ?? 0;
  if (!(Number.isInteger(database) && database >= 0)) {
    throw invalid('the number of a database, from 0, in url or as db of ioredis or client');
  }
  return database;
}

function given({ url, client, cluster, ioredis }: RedisConnectionOptions): number | undefined {
  if (url !== undefined) {
    try {
      return new Redis(url, { ...ioredis, lazyConnect: true }).options.db;
    } catch (error) {
      throw invalid(`a url that can be read (${error instanceof Error ? error.message : String(error)})`);
    }
  }
  if (client) {
    return 'db' in client.options ? client.options.db : undefined;
  }
  // A Redis Cluster has no other than 0.
  return cluster ? undefined : ioredis?.db;
}
