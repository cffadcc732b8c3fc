/** What a process holds. */
export interface Footprint {
  readonly heapBytes: number;
  readonly sockets: number;
  /** Node's own. */
  readonly timers: number;
  /** Of the hub's clock. */
  readonly tasks: number;
  readonly connections: number;
  readonly channels: number;
  /** Since the start. */
  readonly opens: number;
}
