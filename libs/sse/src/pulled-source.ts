import { type Pullable, type SseEvent, pull } from '@nestcast/hub';
import { Observable } from 'rxjs';
import type { SseRequest } from './sse-request.js';

/**
 * An iterable as an Observable that asks for an event only when the client has read what it was sent. Where the stream
 * closes before anybody has subscribed, its client gone while the handler still ran, the source is told to return.
 */
export function pulled(
  source: Pullable<SseEvent>,
  { connection }: SseRequest,
  onLateError: (error: unknown) => void,
): Observable<SseEvent> {
  let begun = false;
  connection?.onClosed(() => {
    if (!begun) {
      release(source).catch(onLateError);
    }
  });
  return new Observable((subscriber) => {
    begun = true;
    const stop = new AbortController();
    const take = (event: SseEvent): Promise<void> | undefined => {
      subscriber.next(event);
      return connection?.writable();
    };
    pull(source, stop.signal, take, onLateError).then(
      () => subscriber.complete(),
      (error: unknown) => subscriber.error(error),
    );
    return () => {
      stop.abort();
      destroy(source);
    };
  });
}

async function release(source: Pullable<SseEvent>): Promise<void> {
  if (!destroy(source)) {
    const iterator =
      Symbol.asyncIterator in source ? source[Symbol.asyncIterator]() : source[Symbol.iterator]();
    await iterator.return?.();
  }
}

/** Ends a Readable, whose iterator heeds `return()` neither before its first `next()` nor while it waits for data. */
function destroy(source: object): boolean {
  if ('destroy' in source && typeof source.destroy === 'function') {
    source.destroy();
    return true;
  }
  return false;
}
