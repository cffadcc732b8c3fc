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
  read(): SseClientStats;
}

export function createStats(): Stats {
  const chunkBytes = createSpread();
  const chunkGap = createSpread();
  const eventGap = createSpread();
  let opens = 0;
  let events = 0;
  let bytes = 0;
  let requestedAt = 0;
  let openedAt = 0;
  let firstByteMs: number | undefined;
  let lastChunkAt: number | undefined;
  let lastEventAt: number | undefined;
  let before = { events: 0, bytes: 0 };
  return {
    request() {
      requestedAt = performance.now();
    },
    open() {
      opens += 1;
      openedAt = performance.now();
      lastChunkAt = lastEventAt = undefined;
      before = { events, bytes };
    },
    chunk(size) {
      const now = performance.now();
      if (lastChunkAt === undefined) {
        firstByteMs = now - requestedAt;
      } else {
        chunkGap.add(now - lastChunkAt);
      }
      lastChunkAt = now;
      bytes += size;
      chunkBytes.add(size);
    },
    event() {
      const now = performance.now();
      if (lastEventAt !== undefined) {
        eventGap.add(now - lastEventAt);
      }
      lastEventAt = now;
      events += 1;
    },
    read() {
      const seconds = opens > 0 ? (performance.now() - openedAt) / 1_000 : Infinity;
      return {
        opens,
        reconnects: Math.max(0, opens - 1),
        events,
        bytes,
        timeToFirstByteMs: firstByteMs,
        chunkBytes: chunkBytes.read(),
        chunkGapMs: chunkGap.read(),
        eventGapMs: eventGap.read(),
        eventsPerSecond: (events - before.events) / seconds,
        bytesPerSecond: (bytes - before.bytes) / seconds,
      };
    },
  };
}

function createSpread() {
  let count = 0;
  let sum = 0;
  let max = 0;
  return {
    add(value: number): void {
      count += 1;
      sum += value;
      max = Math.max(max, value);
    },
    read: (): Spread => ({ count, mean: count > 0 ? sum / count : 0, max }),
  };
}
