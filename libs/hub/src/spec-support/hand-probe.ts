import type { PressureProbe, PressureSample } from '../pressure/pressure-probe.js';

/** Says what the spec tells it to. */
export class HandProbe implements PressureProbe {
  now: PressureSample = { eventLoopDelayMs: 0, heapUsed: 100, heapLimit: 1_000 };
  samples = 0;
  closed = false;

  sample(): PressureSample {
    this.samples += 1;
    return this.now;
  }

  close(): void {
    this.closed = true;
  }

  set delayMs(eventLoopDelayMs: number) {
    this.now = { ...this.now, eventLoopDelayMs };
  }

  /** Of a limit of 1,000. */
  set heapUsed(heapUsed: number) {
    this.now = { ...this.now, heapUsed };
  }
}
