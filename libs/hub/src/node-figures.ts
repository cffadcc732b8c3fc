import type { Clock } from './clock.js';

/** What a rate is worked out from. */
export interface Totals {
  readonly published: number;
  readonly delivered: number;
  readonly bytes: number;
}

/** By the second, over the last five; where nobody has asked meanwhile, since somebody has asked last. */
export interface RateFigures {
  /** Events given to the broker. */
  readonly published: number;
  /** Events sent, one for each connection that got it. */
  readonly delivered: number;
  /** Bytes of all bodies on the wire. */
  readonly bytes: number;
}

/** Of the whole process. */
export interface ProcessFigures {
  /** Bytes of memory that it has from the operating system. */
  readonly rss: number;
  /** Bytes of it that JavaScript's objects take. */
  readonly heapUsed: number;
  /** Milliseconds of processor time since its start. */
  readonly cpuMs: number;
}

const WINDOW_MS = 5_000;
/** Totals are noted no more often than this; milliseconds. */
const NOTE_MS = 1_000;

interface Note extends Totals {
  readonly at: number;
}

/** Rates without a timer: whoever asks leaves a note of the totals for the next one. */
export class Rates {
  /** The oldest first; only that one may be older than the window, until there is another to begin from. */
  private readonly notes: Note[];

  constructor(private readonly clock: Clock) {
    this.notes = [{ at: clock.now(), published: 0, delivered: 0, bytes: 0 }];
  }

  of({ published, delivered, bytes }: Totals): RateFigures {
    const at = this.clock.now();
    const { notes } = this;
    let [since, next] = notes as [Note, Note?];
    while (since.at < at - WINDOW_MS && next && next.at <= at - NOTE_MS) {
      notes.shift();
      [since, next] = notes as [Note, Note?];
    }
    const newest = notes.at(-1);
    if (newest && at - newest.at >= NOTE_MS) {
      notes.push({ at, published, delivered, bytes });
    }
    const seconds = (at - since.at) / 1_000;
    const rate = (now: number, then: number): number => (seconds > 0 ? (now - then) / seconds : 0);
    return {
      published: rate(published, since.published),
      delivered: rate(delivered, since.delivered),
      bytes: rate(bytes, since.bytes),
    };
  }
}

export function processFigures(): ProcessFigures {
  const { rss, heapUsed } = process.memoryUsage();
  const { user, system } = process.cpuUsage();
  return { rss, heapUsed, cpuMs: (user + system) / 1_000 };
}
