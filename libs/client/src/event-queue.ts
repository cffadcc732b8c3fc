import { SseClientError } from './sse-client-error.js';

/** How many events may wait for the loop that reads them before the connection is read no further. */
export const HIGH_WATER = 1_024;
/** The same where the connection is another's, who can't wait for it. */
const LIMIT = 16_384;

/** Events between a client and one `for await` loop. */
export interface EventQueue<Event> {
  push(event: Event): void;
  /** Ends the loop once it has had what waits; with the error, if there is one. */
  end(error?: SseClientError): void;
  /** Settles once it has room; `undefined`: it has. For one that waits: who asks last. */
  room(): Promise<void> | undefined;
  readonly iterator: AsyncIterableIterator<Event>;
}

/**
 * Not a ReadableStream, whose queue takes time in Node.js that grows with its length.
 *
 * @param onEnd nothing is to be pushed any more
 */
export function createEventQueue<Event extends object>(onEnd: () => void): EventQueue<Event> {
  let events: Event[] = [];
  let ended = false;
  let failure: SseClientError | undefined;
  let wake: (() => void) | undefined;
  let drained: (() => void) | undefined;
  let last: Promise<IteratorResult<Event, undefined>> | undefined;
  const end = (error?: SseClientError): void => {
    ended = true;
    failure = error;
    wake?.();
    drained?.();
    onEnd();
  };
  const take = async (): Promise<IteratorResult<Event, undefined>> => {
    while (events.length === 0 && !ended) {
      await new Promise<void>((resolve) => (wake = resolve));
    }
    const value = events.shift();
    if (value) {
      if (events.length < HIGH_WATER) {
        drained?.();
      }
      return { done: false, value };
    }
    const error = failure;
    failure = undefined;
    if (error) {
      throw error;
    }
    return { done: true, value: undefined };
  };
  return {
    push(event) {
      if (events.length >= LIMIT) {
        end(new SseClientError('ITERATION_OVERFLOW'));
      } else {
        events.push(event);
        wake?.();
      }
    },
    end,
    room: () => (events.length < HIGH_WATER ? undefined : new Promise((resolve) => (drained = resolve))),
    iterator: {
      // One after the other, also where several are asked for at once.
      next: () => (last = last?.then(take, take) ?? take()),
      async return() {
        events = [];
        end();
        return { done: true, value: undefined };
      },
      [Symbol.asyncIterator]() {
        return this;
      },
    },
  };
}
