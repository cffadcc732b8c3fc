import { type Observer, Observable, type Operator, Subscriber, type Subscription } from 'rxjs';
import { inContextOfSubscriber } from './own-context.js';

type OnError = (error: unknown, what: string) => void;

/**
 * An Observable whose subscribers can throw without harm: what a consumer's own callback throws goes to `onError`, where
 * RxJS would rethrow it from a timer and end the process. So do consumers behind operators, whose Observables are made by
 * {@link lift}, as a Subject's are. All of them run in the async context in which they have subscribed.
 */
export class IsolatedObservable<T> extends Observable<T> {
  constructor(
    source: Observable<T>,
    private readonly onError: OnError,
    /** What the subscribers are subscribed to, for the report. */
    private readonly what: string,
  ) {
    super((subscriber) => inContextOfSubscriber(source).subscribe(subscriber));
  }

  override lift<R>(operator?: Operator<T, R>): Observable<R> {
    const lifted = new IsolatedObservable<R>(new Observable<R>(), this.onError, this.what);
    lifted.source = this;
    lifted.operator = operator;
    return lifted;
  }

  override subscribe(
    observerOrNext?: Partial<Observer<T>> | ((value: T) => void) | null,
    error?: ((error: unknown) => void) | null,
    complete?: (() => void) | null,
  ): Subscription {
    if (observerOrNext instanceof Subscriber) {
      // An operator's, which passes errors on to its own subscriber.
      return super.subscribe(observerOrNext);
    }
    const observer =
      typeof observerOrNext === 'object' && observerOrNext !== null
        ? observerOrNext
        : { next: observerOrNext ?? undefined, error: error ?? undefined, complete: complete ?? undefined };
    return super.subscribe({
      next: (value) => this.isolated(() => observer.next?.(value)),
      // Nobody handles it: it is reported as well.
      error: (reason) =>
        this.isolated(() => {
          if (!observer.error) {
            throw reason;
          }
          observer.error(reason);
        }),
      complete: () => this.isolated(() => observer.complete?.()),
    });
  }

  private isolated(call: () => void): void {
    try {
      call();
    } catch (error) {
      this.onError(error, this.what);
    }
  }
}
