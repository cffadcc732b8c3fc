import type { Run } from '../run.js';
import { fanOut } from './fan-out.js';

/** Every workload, in the order in which they run. */
export const workloads = {
  'fan-out': fanOut,
} satisfies Record<string, (run: Run) => Promise<void>>;

export type WorkloadName = keyof typeof workloads;

export const workloadNames = Object.keys(workloads) as WorkloadName[];
