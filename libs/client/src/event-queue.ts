import { SseClientError } from './sse-client-error.js';

/** How many events may wait for the loop that reads them before the connection is read no further. */
export const HIGH_WATER = 1_024;
/** The same where the connection is another's, who can't wait for it. */
const LIMIT = 65_536;

/** Events between a client and one `for await` loop. */
export interface EventQueue<Event> {
  push(event: Event): void;
  /** Ends the loop once it has had what waits; with the error, if there is one. */
  end(error?: unknown): void;
  /** Settles once it has room; `undefined`: it has. */
  room(): Promise<void> | undefined;
  readonly iterator: AsyncIterableIterator<Event>;
}

export function createEventQueue<Event>(onEnd: () => void): EventQueue<Event> {
  let events: Event[] = [];
  let ended = false;
  let failure: unknown;
  let wake: (() => void) | undefined;
  let drained: (() => void) | undefined;
  let drain: Promise<void> | undefined;
  let last: Promise<unknown> = Promise.resolve();
  const end = (error?: unknown): void => {
    ended = true;
    failure = error;
    wake?.();
    drained?.();
    onEnd();
  };
  const take = async (): Promise<IteratorResult<Event, undefined>> => {
    while (events.length === 0) {
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
    const value = events.shift() as Event;
    if (events.length < HIGH_WATER / 2) {
      drained?.();
      drain = undefined;
    }
    return { done: false, value };
  };
  return {
    push(event) {
      if (events.length >= LIMIT) {
        end(new SseClientError('ITERATION_OVERFLOW', `${LIMIT} events wait for the loop.`));
        return;
      }
      events.push(event);
      wake?.();
    },
    end,
    room() {
      if (events.length >= HIGH_WATER && !ended) {
        drain ??= new Promise((resolve) => (drained = resolve));
      }
      return drain;
    },
    iterator: {
      // One after the other, also where several are asked for at once.
      next() {
        const taken = last.then(take, take);
        last = taken;
        return taken;
      },
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
