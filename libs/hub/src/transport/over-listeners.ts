import type { OverListener } from './transport.js';

/** Who waits for the end of one response; most have one or two, kept without a list of their own as long as it is one. */
export class OverListeners {
  private first: OverListener | undefined;
  private others: readonly OverListener[] = [];
  private settled = false;
  private error: Error | undefined;

  add(listener: OverListener): void {
    if (this.settled) {
      queueMicrotask(() => listener.over(this.error));
    } else if (this.first) {
      // A push would make room for seventeen.
      this.others = this.others.concat(listener);
    } else {
      this.first = listener;
    }
  }

  /** Tells everybody; only the first time. */
  settle(error: Error | undefined): void {
    if (this.settled) {
      return;
    }
    this.settled = true;
    this.error = error;
    const listeners = [this.first, ...this.others];
    this.first = undefined;
    this.others = [];
    listeners.forEach((listener) => listener?.over(error));
  }
}
