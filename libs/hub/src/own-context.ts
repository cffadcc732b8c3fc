import { AsyncResource } from 'node:async_hooks';
import { Observable } from 'rxjs';

/** The function, to be run in the async context (AsyncLocalStorage) of this moment, whoever calls it. */
export function inThisContext<A extends unknown[], R>(call: (...args: A) => R): (...args: A) => R {
  const context = new AsyncResource('NestcastCallback');
  return (...args) => context.runInAsyncScope(call, undefined, ...args);
}

/**
 * The Observable, with its subscriber's code run in the async context in which it has subscribed, operators included,
 * and not in that of whoever makes the source emit; and the source's own end in the same, whoever unsubscribes.
 */
export function inContextOfSubscriber<T>(source: Observable<T>): Observable<T> {
  return new Observable((subscriber) => {
    const context = new AsyncResource('NestcastSubscriber');
    const subscription = source.subscribe({
      next: (value) => context.runInAsyncScope(() => subscriber.next(value)),
      error: (error) => context.runInAsyncScope(() => subscriber.error(error)),
      complete: () => context.runInAsyncScope(() => subscriber.complete()),
    });
    return () => context.runInAsyncScope(() => subscription.unsubscribe());
  });
}
