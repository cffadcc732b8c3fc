/** Anything that gives its items when asked. */
export type Pullable<T> = AsyncIterable<T> | Iterable<T>;

/** How long a source with items at hand may hold the event loop. */
const SLICE_MS = 5;

/**
 * Takes a source's items one at a time: the next is asked for when `take` is through with the last. Once the signal is
 * aborted it resolves at once and tells the source to return; what the source's own wait still rejects with after that
 * is the abort's doing and dropped, what its clean-up throws goes to `onLateError`.
 */
export async function pull<T>(
  source: Pullable<T>,
  signal: AbortSignal,
  take: (item: T) => void | Promise<void>,
  onLateError: (error: unknown) => void,
): Promise<void> {
  const iterator =
    Symbol.asyncIterator in source ? source[Symbol.asyncIterator]() : source[Symbol.iterator]();
  let stop: (() => void) | undefined;
  const abort = (): void => stop?.();
  signal.addEventListener('abort', abort, { once: true });
  // A promise a wait, not one race against the abort: reactions would pile up on a promise that lives as long as this.
  const untilAborted = <R>(wait: R | Promise<R>): Promise<R | undefined> =>
    new Promise((resolve, reject) => {
      stop = () => resolve(undefined);
      Promise.resolve(wait).then(resolve, reject);
    });
  let finished = false;
  let sliceEnd = performance.now() + SLICE_MS;
  try {
    while (!signal.aborted) {
      const next = await untilAborted(iterator.next());
      if (!next) {
        return;
      }
      if (next.done) {
        finished = true;
        return;
      }
      await untilAborted(take(next.value));
      if (performance.now() >= sliceEnd) {
        await new Promise(setImmediate);
        sliceEnd = performance.now() + SLICE_MS;
      }
    }
  } finally {
    signal.removeEventListener('abort', abort);
    if (!finished) {
      // In a function, since a plain generator's clean-up throws at once.
      (async () => iterator.return?.())().catch(onLateError);
    }
  }
}
