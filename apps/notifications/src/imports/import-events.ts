import type { ImportProblem, ImportProgress } from './import.js';

/**
 * The events of an import's channel. Each may come twice, and a process that takes an import over tells all problems again:
 * what counts is the highest position, and each line once.
 */
export interface ImportEvents {
  progress: ImportProgress & {
    /** Of late; 0 where nothing is known yet. */
    readonly linesPerSecond: number;
  };
  problem: ImportProblem;
  /** The last event is one of these three. */
  completed: ImportProgress;
  cancelled: ImportProgress;
  failed: ImportProgress & { readonly message: string };
}

/** Where an import's events are published. */
export const importChannel = (userId: string, id: string): string => `imports/${userId}/${id}`;
