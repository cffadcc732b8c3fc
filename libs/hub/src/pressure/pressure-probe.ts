/** What a process can tell of how it fares. */
export interface PressureSample {
  /** How long what is due has waited for its turn of the event loop since the last sample, on average; milliseconds. */
  readonly eventLoopDelayMs: number;
  /** Bytes of the JavaScript heap that are in use, garbage not collected yet included. */
  readonly heapUsed: number;
  /** Bytes at which the process dies for want of memory. */
  readonly heapLimit: number;
}

/** Where samples come from; a hub's own is Node's figures, a test has one that it sets by hand. */
export interface PressureProbe {
  sample(): PressureSample;
  /** Nothing is asked of it any more. */
  close(): void;
}
