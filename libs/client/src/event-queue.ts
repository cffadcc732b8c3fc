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
  readonly iterator: AsyncGenerator<Event, undefined>;
}

/**
 * Not a ReadableStream, whose queue takes time in Node.js that grows with its length.
 *
 * @param onEnd nothing is to be pushed any more
 */
export function createEventQueue<Event extends object>(onEnd: () => void): EventQueue<Event> {
  const events: Event[] = [];
  let ended = false;
  let failure: SseClientError | undefined;
  let wake: (() => void) | undefined;
  let drained: (() => void) | undefined;
  const end = (error?: SseClientError): void => {
    ended = true;
    failure = error;
    wake?.();
    drained?.();
    onEnd();
  };
  async function* iterate(): AsyncGenerator<Event, undefined> {
    try {
      for (;;) {
        const event = events.shift();
        if (event) {
          if (events.length < HIGH_WATER) {
            drained?.();
          }
          yield event;
        } else if (failure) {
          throw failure;
        } else if (ended) {
          return;
        } else {
          await new Promise<void>((resolve) => (wake = resolve));
        }
      }
    } finally {
      end();
    }
  }
  const iterator = iterate();
  const leave = iterator.return.bind(iterator);
  // A generator's own would wait for the event that is asked for, and end nothing before the first.
  iterator.return = (value) => {
    events.length = 0;
    end();
    return leave(value);
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
    iterator,
  };
}
