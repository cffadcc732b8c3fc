import type { Match } from './match.js';

/** As `GET /scores` answers. */
export interface Scores {
  /** Counts up, by one each second in which somebody looks. */
  readonly tick: number;
  readonly matches: readonly Match[];
}

/** The events of the channel `scores`; their keys are the matches' ids. */
export interface ScoreEvents {
  /** All there is to know of the match as of this tick: what is older counts no more. */
  score: { readonly tick: number; readonly match: Match };
}
