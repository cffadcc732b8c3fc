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

/** @param onEnd nothing is to be pushed any more */
export function createEventQueue<Event>(onEnd: () => void): EventQueue<Event> {
  let controller: ReadableStreamDefaultController<Event>;
  let failure: SseClientError | undefined;
  let drain: Promise<void> | undefined;
  let drained: (() => void) | undefined;
  const free = (): void => {
    drained?.();
    drain = undefined;
  };
  const stream = new ReadableStream<Event>(
    {
      start(given) {
        controller = given;
      },
      // It is there to be filled again.
      pull: free,
      cancel: onEnd,
    },
    { highWaterMark: HIGH_WATER },
  );
  const room = (): number => controller.desiredSize ?? 0;
  const reader = stream.getReader();
  const end = (error?: SseClientError): void => {
    failure = error;
    controller.close();
    free();
    onEnd();
  };
  return {
    push(event) {
      if (room() > -LIMIT) {
        controller.enqueue(event);
      } else {
        end(new SseClientError('ITERATION_OVERFLOW'));
      }
    },
    end,
    room: () => (room() > 0 ? undefined : (drain ??= new Promise((resolve) => (drained = resolve)))),
    iterator: {
      async next() {
        const { done, value } = await reader.read();
        const error = failure;
        if (done && error) {
          failure = undefined;
          throw error;
        }
        return { done, value } as IteratorResult<Event, undefined>;
      },
      async return() {
        await reader.cancel();
        free();
        return { done: true, value: undefined };
      },
      [Symbol.asyncIterator]() {
        return this;
      },
    },
  };
}
