import type { ImportProblem, importTable } from './import.table.js';

export type { ImportProblem } from './import.table.js';

export type ImportState = (typeof importTable.$inferSelect)['state'];

/** How far an import has come. */
export interface ImportProgress {
  /** Lines that are done with, sent or not. */
  readonly position: number;
  /** Lines in the file, its header left out. One whose text goes over several counts once. */
  readonly lines: number;
  readonly sent: number;
  readonly rejected: number;
}

/** An import as its user sees it. */
export interface Import extends ImportProgress {
  readonly id: string;
  readonly fileName: string;
  readonly state: ImportState;
  /** ISO 8601. */
  readonly createdAt: string;
  /** ISO 8601; `null` until it has ended and all who watch it have been told. */
  readonly finishedAt: string | null;
}

export interface ImportDetails extends Import {
  /** In the order of the file, at most {@link MOST_PROBLEMS}; how many there were is `rejected`. */
  readonly problems: readonly ImportProblem[];
}

/** How many problems of a file are kept and told of. */
export const MOST_PROBLEMS = 500;
