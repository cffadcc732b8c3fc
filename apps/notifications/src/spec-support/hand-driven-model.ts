import type { TextModel } from '../assistant/text-model.js';

/** An answer that a spec writes. */
export class Generation {
  /** Resolves when nobody reads on: it was aborted, or told to return, or has ended. */
  readonly left: Promise<void>;
  private readonly steps: (string | Error | undefined)[] = [];
  private wake: () => void = () => undefined;
  private leave: () => void = () => undefined;

  constructor(
    readonly prompt: string,
    private readonly signal: AbortSignal,
  ) {
    this.left = new Promise((resolve) => {
      this.leave = resolve;
    });
  }

  say(...pieces: readonly string[]): void {
    this.take(...pieces);
  }

  finish(): void {
    this.take(undefined);
  }

  fail(error: Error): void {
    this.take(error);
  }

  async *pieces(): AsyncGenerator<string> {
    const aborted = (): void => this.wake();
    this.signal.addEventListener('abort', aborted);
    try {
      while (!this.signal.aborted) {
        if (this.steps.length === 0) {
          await new Promise<void>((resolve) => {
            this.wake = resolve;
          });
          continue;
        }
        const step = this.steps.shift();
        if (step === undefined) {
          return;
        }
        if (step instanceof Error) {
          throw step;
        }
        yield step;
      }
    } finally {
      this.signal.removeEventListener('abort', aborted);
      this.leave();
    }
  }

  private take(...steps: readonly (string | Error | undefined)[]): void {
    this.steps.push(...steps);
    this.wake();
  }
}

/** A model that says what a spec tells it to say. */
export class HandDrivenModel implements TextModel {
  readonly name = 'hand-driven';
  private readonly waiting: Generation[] = [];
  private readonly askers: ((generation: Generation) => void)[] = [];

  generate(prompt: string, signal: AbortSignal): AsyncIterable<string> {
    const generation = new Generation(prompt, signal);
    const asker = this.askers.shift();
    if (asker) {
      asker(generation);
    } else {
      this.waiting.push(generation);
    }
    return generation.pieces();
  }

  /** The next answer that is asked for, once it is. */
  next(): Promise<Generation> {
    const generation = this.waiting.shift();
    return generation ? Promise.resolve(generation) : new Promise((resolve) => this.askers.push(resolve));
  }
}
