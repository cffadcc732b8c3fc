/** Ends what was scheduled; harmless when it has run already. */
export type Cancel = () => void;

/** Time as the hub sees it. The hub's own is a {@link TimerWheel}; tests pass one they turn by hand. */
export interface Clock {
  /** Milliseconds since the Unix epoch; never runs backwards. */
  now(): number;
  /** Calls `task` once, no earlier than `delayMs` milliseconds from now. */
  schedule(delayMs: number, task: () => void): Cancel;
}
