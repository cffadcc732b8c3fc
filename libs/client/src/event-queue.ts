import { SseClientError } from './sse-client-error.js';

/** How many events may wait for the loop that reads them before the connection is read no further. */
export const HIGH_WATER = 1_024;
/** The same where the connection is another's, who can't wait for it. */
const LIMIT = 65_536;

/** Events between a client and one `for await` loop. */
export interface EventQueue<Event> {
  push(event: Event): void;
  /** Ends the loop once it has had what waits; with the error, if there is one. */
  end(error?: SseClientError): void;
  /** Settles once it has room; `undefined`: it has. */
  room(): Promise<void> | undefined;
  readonly iterator: AsyncIterableIterator<Event>;
}

/**
 * Not a ReadableStream, whose queue takes time in Node.js that grows with its length.
 *
 * @param onEnd nothing is to be pushed any more
 */
export function createEventQueue<Event>(onEnd: () => void): EventQueue<Event> {
  let events: Event[] = [];
  /** Those that are next, the first of them at its end. */
  let next: Event[] = [];
  let ended = false;
  let failure: SseClientError | undefined;
  let wake: (() => void) | undefined;
  let drained: (() => void) | undefined;
  let drain: Promise<void> | undefined;
  let last: Promise<IteratorResult<Event, undefined>> | undefined;
  const full = (limit: number): boolean => events.length + next.length >= limit;
  const end = (error?: SseClientError): void => {
    ended = true;
    failure = error;
    wake?.();
    drained?.();
    onEnd();
  };
  const take = async (): Promise<IteratorResult<Event, undefined>> => {
    while (!full(1)) {
      if (ended) {
        const error = failure;
        failure = undefined;
        if (error) {
          throw error;
        }
        return { done: true, value: undefined };
      }
      await new Promise<void>((resolve) => (wake = resolve));
    }
    if (next.length === 0) {
      next = events.toReversed();
      events = [];
    }
    const value = next.pop() as Event;
    if (!full(HIGH_WATER)) {
      drained?.();
      drain = undefined;
    }
    return { done: false, value };
  };
  return {
    push(event) {
      if (full(LIMIT)) {
        end(new SseClientError('ITERATION_OVERFLOW'));
      } else {
        events.push(event);
        wake?.();
      }
    },
    end,
    room: () => (full(HIGH_WATER) ? (drain ??= new Promise((resolve) => (drained = resolve))) : undefined),
    iterator: {
      // One after the other, also where several are asked for at once.
      next: () => (last = last?.then(take, take) ?? take()),
      async return() {
        events = next = [];
        end();
        return { done: true, value: undefined };
      },
      [Symbol.asyncIterator]() {
        return this;
      },
    },
  };
}
