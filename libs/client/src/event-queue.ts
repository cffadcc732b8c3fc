import { SseClientError } from './sse-client-error.js';

/** How many events may wait for the loop that reads them before the connection is read no further. */
const HIGH_WATER = 1_024;
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
  let head = 0;
  let ended = false;
  let failure: unknown;
  let wake: (() => void) | undefined;
  let drained: (() => void) | undefined;
  let drain: Promise<void> | undefined;
  const waiting = (): number => events.length - head;
  const finish = (error?: unknown): void => {
    ended = true;
    failure = error;
    wake?.();
    drained?.();
    onEnd();
  };
  const take = (): Event => {
    const event = events[head] as Event;
    head += 1;
    if (head >= HIGH_WATER) {
      events = events.slice(head);
      head = 0;
    }
    if (waiting() < HIGH_WATER / 2) {
      drained?.();
      drained = drain = undefined;
    }
    return event;
  };
  return {
    push(event) {
      if (waiting() >= LIMIT) {
        finish(new SseClientError('ITERATION_OVERFLOW', `${LIMIT} events wait for the loop.`));
        return;
      }
      events.push(event);
      wake?.();
    },
    end: finish,
    room() {
      if (waiting() >= HIGH_WATER && !ended) {
        drain ??= new Promise((resolve) => (drained = resolve));
      }
      return drain;
    },
    iterator: {
      async next() {
        while (waiting() === 0 && !ended) {
          await new Promise<void>((resolve) => (wake = resolve));
        }
        if (waiting() > 0) {
          return { done: false, value: take() };
        }
        if (failure !== undefined) {
          const error = failure;
          failure = undefined;
          throw error;
        }
        return { done: true, value: undefined };
      },
      async return() {
        events = [];
        head = 0;
        finish();
        return { done: true, value: undefined };
      },
      [Symbol.asyncIterator]() {
        return this;
      },
    },
  };
}
