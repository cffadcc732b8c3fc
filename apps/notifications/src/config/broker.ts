import { availableParallelism } from 'node:os';

/** What carries events: one process, the workers of one machine, or any number of nodes over one Redis. */
export type BrokerConfiguration =
  | { readonly kind: 'memory' }
  | { readonly kind: 'cluster'; readonly workers: number }
  | { readonly kind: 'redis'; readonly url: string };

const KINDS = ['memory', 'cluster', 'redis'] as const;
const MOST_WORKERS = 128;

/**
 * Reads BROKER (default `memory`), and with it WORKERS (of `cluster`: how many processes, by default one for each core) and
 * REDIS_URL (of `redis`).
 *
 * @throws Error naming the variable that is wrong, missing, or of no meaning to this broker
 */
export function parseBroker(environment: NodeJS.ProcessEnv): BrokerConfiguration {
  const given = environment['BROKER'] || 'memory';
  const kind = KINDS.find((known) => known === given);
  if (kind === undefined) {
    throw new Error(`BROKER must be one of ${KINDS.join(', ')}, but it is ${JSON.stringify(given)}.`);
  }
  const workers = parseWorkers(environment['WORKERS']);
  if (kind === 'cluster') {
    return { kind, workers: workers ?? availableParallelism() };
  }
  if (workers !== undefined) {
    throw new Error(`WORKERS is for BROKER=cluster: with BROKER=${kind} start as many processes yourself.`);
  }
  return kind === 'redis' ? { kind, url: parseRedisUrl(environment['REDIS_URL']) } : { kind };
}

function parseWorkers(value: string | undefined): number | undefined {
  if (value === undefined || value === '') {
    return undefined;
  }
  const workers = /^\d+$/.test(value) ? Number(value) : NaN;
  if (!(workers >= 1 && workers <= MOST_WORKERS)) {
    throw new Error(
      `WORKERS must be an integer from 1 to ${MOST_WORKERS}, but it is ${JSON.stringify(value)}.`,
    );
  }
  return workers;
}

/** Its value is in no message: it may have a password. */
function parseRedisUrl(value: string | undefined): string {
  if (value === undefined || value === '') {
    throw new Error('REDIS_URL must be set with BROKER=redis, to redis://host:port for instance.');
  }
  const protocol = URL.canParse(value) ? new URL(value).protocol : undefined;
  if (protocol !== 'redis:' && protocol !== 'rediss:') {
    throw new Error('REDIS_URL must be a URL that begins with redis:// or rediss://.');
  }
  return value;
}
