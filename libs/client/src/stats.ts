/** How often something was, and how long or large. */
export interface Spread {
  readonly count: number;
  readonly mean: number;
  readonly max: number;
}

/** Figures of a client since it was made. */
export interface SseClientStats {
  /** Streams, or polls, that were answered. */
  readonly opens: number;
  /** Those after the first. */
  readonly reconnects: number;
  readonly events: number;
  readonly bytes: number;
  /** From the last request to its first byte; milliseconds. */
  readonly timeToFirstByteMs: number | undefined;
  /** Sizes of what came at once; bytes. */
  readonly chunkBytes: Spread;
  /** Time between these, within a stream; milliseconds. */
  readonly chunkGapMs: Spread;
  /** Time between events, within a stream; milliseconds. */
  readonly eventGapMs: Spread;
  /** Since the last stream was opened. */
  readonly eventsPerSecond: number;
  readonly bytesPerSecond: number;
}

export interface Stats {
  request(): void;
  open(): void;
  chunk(bytes: number): void;
  event(): void;
  read(this: void): SseClientStats;
}

const now = (): number => performance.now();

export function createStats(): Stats {
  const chunkBytes = createSpread();
  const chunkGapMs = createSpread();
  const eventGapMs = createSpread();
  let opens = 0;
  let requestedAt = 0;
  let openedAt = 0;
  let timeToFirstByteMs: number | undefined;
  let chunkAt = 0;
  let eventAt = 0;
  let events = 0;
  let bytes = 0;
  let eventsBefore = 0;
  let bytesBefore = 0;
  return {
    request() {
      requestedAt = now();
    },
    open() {
      opens += 1;
      openedAt = now();
      chunkAt = eventAt = 0;
      eventsBefore = events;
      bytesBefore = bytes;
    },
    chunk(size) {
      if (chunkAt) {
        chunkGapMs(now() - chunkAt);
      } else {
        timeToFirstByteMs = now() - requestedAt;
      }
      chunkAt = now();
      bytes += size;
      chunkBytes(size);
    },
    event() {
      if (eventAt) {
        eventGapMs(now() - eventAt);
      }
      eventAt = now();
      events += 1;
    },
    read() {
      const seconds = (now() - openedAt) / 1_000;
      return {
        opens,
        reconnects: opens && opens - 1,
        events,
        bytes,
        timeToFirstByteMs,
        chunkBytes: chunkBytes(),
        chunkGapMs: chunkGapMs(),
        eventGapMs: eventGapMs(),
        eventsPerSecond: (events - eventsBefore) / seconds,
        bytesPerSecond: (bytes - bytesBefore) / seconds,
      };
    },
  };
}

/** @returns takes a value, if it is given one, and tells how it stands */
function createSpread(): (value?: number) => Spread {
  let count = 0;
  let mean = 0;
  let max = 0;
  return (value) => {
    if (value !== undefined) {
      count += 1;
      mean += (value - mean) / count;
      max = Math.max(max, value);
    }
    return { count, mean, max };
  };
}
