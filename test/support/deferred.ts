/** A promise that a test settles when it likes. */
export interface Deferred<T = void> {
  readonly promise: Promise<T>;
  readonly resolve: (value: T) => void;
  readonly reject: (error: Error) => void;
}

const untilMade = (): void => undefined;

export function deferred<T = void>(): Deferred<T> {
  let resolve: Deferred<T>['resolve'] = untilMade;
  let reject: Deferred<T>['reject'] = untilMade;
  const promise = new Promise<T>((settle, fail) => {
    resolve = settle;
    reject = fail;
  });
  return { promise, resolve, reject };
}
