/** What has answered at the other end of a connection. */
export interface RedisNode {
  /** Which process it is: another after each start. `undefined` where Redis doesn't tell. */
  readonly runId: string | undefined;
}

/** The scripts need streams that are trimmed by id, and script caches that no replica gets. */
const OLDEST_MAJOR = 7;

/**
 * @param info what `INFO` has answered
 * @throws Error if it is a replica, which takes no events, or older than Redis 7 (Valkey tells 7.2 or later)
 */
export function readNode(info: string): RedisNode {
  const version = /^redis_version:([\d.]+)/m.exec(info)?.[1];
  if (version !== undefined && Number.parseInt(version, 10) < OLDEST_MAJOR) {
    throw new Error(`Redis 7 or Valkey is needed; this is Redis ${version}`);
  }
  if (/^role:slave/m.test(info)) {
    throw new Error('this is a replica; the master is needed');
  }
  return { runId: /^run_id:(\w+)/m.exec(info)?.[1] };
}
