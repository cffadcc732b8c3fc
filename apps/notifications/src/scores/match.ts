export type Side = 'home' | 'away';

export type Phase = 'scheduled' | 'first-half' | 'half-time' | 'second-half' | 'full-time';

export interface Goal {
  readonly minute: number;
  readonly side: Side;
}

/** All there is to know of a match. */
export interface Match {
  /** Its place in the day's programme: tomorrow's match there has the same. */
  readonly id: string;
  readonly home: string;
  readonly away: string;
  readonly phase: Phase;
  /** The minute that is being played, 1 to 90, or was played last; 0 before the first. */
  readonly minute: number;
  /** The latest last. They are the score. */
  readonly goals: readonly Goal[];
}
