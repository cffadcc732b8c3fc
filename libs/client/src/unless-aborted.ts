/** What a promise comes to; rejects as soon as the signal is aborted. For one promise at a time: nothing of it stays at the signal. */
export function unlessAborted<T>(signal: AbortSignal, promise: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    promise.then(resolve, reject);
    signal.onabort = () => reject(signal.reason);
    if (signal.aborted) {
      reject(signal.reason);
    }
  });
}
