import type { Run } from '../run.js';
import { compression } from './compression.js';
import { fanOut } from './fan-out.js';
import { idle } from './idle.js';
import { opening } from './opening.js';
import { paced } from './paced.js';
import { redisFanOut } from './redis-fan-out.js';
import { redisPublish } from './redis-publish.js';
import { secondRequest } from './second-request.js';
import { stalled } from './stalled.js';
import { users } from './users.js';

/** Every workload, in the order in which they run. */
export const workloads = {
  'fan-out': fanOut,
  paced,
  users,
  gzip: compression,
  stalled,
  opening,
  idle,
  ping: secondRequest,
  'redis-fan-out': redisFanOut,
  'redis-publish': redisPublish,
} satisfies Record<string, (run: Run) => Promise<void>>;

export type WorkloadName = keyof typeof workloads;

export const workloadNames = Object.keys(workloads) as WorkloadName[];
