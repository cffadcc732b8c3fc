import type { StartPeer } from './peer.js';

/** Everybody who takes part; loaded only in the process that runs it. */
export const peers = {
  'raw-naive': async () => (await import('./raw-naive.js')).startRawNaive,
  'raw-shared': async () => (await import('./raw-shared.js')).startRawShared,
  'raw-batch': async () => (await import('./raw-batch.js')).startRawBatch,
  'raw-gzip': async () => (await import('./raw-gzip.js')).startRawGzip,
  'nest-sse': async () => (await import('./nest-sse.js')).startNestSse,
  'nest-bare-express': async () => (await import('./nest-bare.js')).startNestBareOnExpress,
  'nest-bare-fastify': async () => (await import('./nest-bare.js')).startNestBareOnFastify,
  'better-sse': async () => (await import('./better-sse.js')).startBetterSse,
  'fastify-sse': async () => (await import('./fastify-sse.js')).startFastifySse,
  nchan: async () => (await import('./nchan.js')).startNchan,
  'nestcast-express': async () => (await import('./nestcast.js')).startNestcastOnExpress,
  'nestcast-fastify': async () => (await import('./nestcast.js')).startNestcastOnFastify,
  'nestcast-cluster': async () => (await import('./nestcast.js')).startNestcastInCluster,
  'nestcast-redis': async () => (await import('./nestcast.js')).startNestcastOverRedis,
  'redis-bare': async () => (await import('./redis-bare.js')).startRedisBare,
} satisfies Record<string, () => Promise<StartPeer>>;

export type PeerName = keyof typeof peers;

export const peerNames = Object.keys(peers) as PeerName[];

/** As a reader knows them. */
export const peerTitles: Record<PeerName, string> = {
  'raw-naive': 'Node, res.write(string)',
  'raw-shared': 'Node, one Buffer an event',
  'raw-batch': 'Node, one Buffer a turn',
  'raw-gzip': 'Node, one encoder a connection',
  'nest-sse': 'Nest @Sse()',
  'nest-bare-express': 'Nest on Express, nothing done',
  'nest-bare-fastify': 'Nest on Fastify, nothing done',
  'better-sse': 'better-sse',
  'fastify-sse': '@fastify/sse',
  nchan: 'nginx + nchan',
  'nestcast-express': 'Nestcast on Express',
  'nestcast-fastify': 'Nestcast on Fastify',
  'nestcast-cluster': 'Nestcast in a cluster',
  'nestcast-redis': 'Nestcast over Redis',
  'redis-bare': 'ioredis, the same calls in a pipeline',
};

/** Those that are several processes, and how many. */
export const nodesOf: Partial<Record<PeerName, number>> = {
  'nestcast-cluster': 2,
  'nestcast-redis': 2,
};
