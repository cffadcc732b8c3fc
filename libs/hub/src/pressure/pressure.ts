import type { Cancel, Clock } from '../clock.js';
import type { PressureOptions } from '../hub-options.js';
import { SseError } from '../sse-error.js';
import type { PressureProbe } from './pressure-probe.js';

/** The event loop's delay and the heap of one node, as a plain object. */
export interface PressureFigures {
  /**
   * How long what is due waits for the event loop, on average; milliseconds. The smaller of the last two samples: one long
   * pause is in one of them alone.
   */
  readonly eventLoopDelayMs: number;
  /** Of what the heap may have, 0 to 1. */
  readonly heapUsedRatio: number;
  /** Above a mark, and not clearly below all again since: nothing new is taken, idle and lagging streams are shed. */
  readonly under: boolean;
  /** Connections closed for it since the start. */
  readonly shed: number;
}

/** How far below its mark a figure must be for pressure to be over, so that it doesn't come and go with every sample. */
const RECOVERED = 0.9;

/**
 * Watches how the process fares: refuses what is new and sheds what is idle while a figure is above its mark. One task of
 * the clock, while there are connections; without any, samples are taken when somebody asks.
 */
export class Pressure {
  private delayMs = 0;
  private lastSampleMs = 0;
  private heapUsedRatio = 0;
  private under = false;
  private shed = 0;

  private sampledAt = -Infinity;
  private cancel: Cancel | undefined;
  private closed = false;

  constructor(
    private readonly options: PressureOptions,
    private readonly clock: Clock,
    private readonly probe: PressureProbe,
    /** Closes a share of the connections, and tells how many. */
    private readonly shedShare: () => number,
  ) {}

  get figures(): PressureFigures {
    this.refresh();
    const { under, shed, heapUsedRatio } = this;
    return { eventLoopDelayMs: this.delayMs, heapUsedRatio, under, shed };
  }

  /** @throws SseError `UNDER_PRESSURE` if nothing new should be taken on now */
  assertRoom(): void {
    if (!this.watches) {
      return;
    }
    this.refresh();
    if (this.under) {
      throw new SseError(
        'UNDER_PRESSURE',
        'The node has as much to do as it can take; come back in a moment.',
      );
    }
  }

  /** @param needed whether there are connections */
  watch(needed: boolean): void {
    if (!needed) {
      this.cancel?.();
      this.cancel = undefined;
    } else if (this.watches && !this.closed) {
      this.refresh();
      this.schedule();
    }
  }

  close(): void {
    this.watch(false);
    this.closed = true;
    this.probe.close();
  }

  /** Whether there is a mark. */
  private get watches(): boolean {
    return this.options.eventLoopDelayMs > 0 || this.options.heapUsedRatio > 0;
  }

  /** Takes a sample where the last is too old and none is scheduled. */
  private refresh(): void {
    const { sampleMs } = this.options;
    if (!this.closed && !this.cancel && this.clock.now() - this.sampledAt >= sampleMs) {
      this.sample();
    }
  }

  private schedule(): void {
    this.cancel = this.clock.schedule(this.options.sampleMs, () => {
      this.sample();
      // First, because the last connection may be among those that go.
      this.schedule();
      if (this.under) {
        this.shed += this.shedShare();
      }
    });
  }

  private sample(): void {
    const { eventLoopDelayMs, heapUsed, heapLimit } = this.probe.sample();
    this.sampledAt = this.clock.now();
    this.delayMs = Math.min(this.lastSampleMs, eventLoopDelayMs);
    this.lastSampleMs = eventLoopDelayMs;
    this.heapUsedRatio = heapUsed / heapLimit;
    const share = this.under ? RECOVERED : 1;
    this.under =
      reaches(this.delayMs, this.options.eventLoopDelayMs * share) ||
      reaches(this.heapUsedRatio, this.options.heapUsedRatio * share);
  }
}

/** A mark of 0 is none. */
function reaches(figure: number, mark: number): boolean {
  return mark > 0 && figure >= mark;
}
