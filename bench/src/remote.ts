import type { ChildProcess } from 'node:child_process';

/** What another process can be asked for: methods with at most one argument, which must survive JSON. */
type Api<T> = { [K in keyof T]: (argument: never) => unknown };

/** The same methods, asked over the channel of a child process. */
export type Remote<T extends Api<T>> = {
  [K in keyof T]: (...args: Parameters<T[K]>) => Promise<Awaited<ReturnType<T[K]>>>;
};

interface Question {
  /** Missing in what isn't meant for {@link answer}. */
  readonly id: number | undefined;
  readonly method: string;
  readonly argument: unknown;
}

interface Answer {
  /** Missing in what isn't meant for {@link remote}. */
  readonly id: number | undefined;
  readonly result?: unknown;
  readonly error?: string;
}

/**
 * Asks a child process that calls {@link answer}.
 *
 * @throws Error with the child's own message; also when the child ends while something is asked
 */
export function remote<T extends Api<T>>(child: ChildProcess, name: string): Remote<T> {
  const waiting = new Map<number, { resolve: (result: unknown) => void; reject: (error: Error) => void }>();
  let nextId = 0;
  let ended: Error | undefined;
  child.on('message', ({ id, result, error }: Answer) => {
    const question = id === undefined ? undefined : waiting.get(id);
    if (id === undefined || question === undefined) {
      return;
    }
    waiting.delete(id);
    if (error === undefined) {
      question.resolve(result);
    } else {
      question.reject(new Error(`${name}: ${error}`));
    }
  });
  // Not at its exit: what it has answered before may still be unread then.
  child.on('disconnect', () => {
    ended = new Error(`${name} has ended`);
    for (const { reject } of waiting.values()) {
      reject(ended);
    }
    waiting.clear();
  });
  const ask = (method: string, argument: unknown): Promise<unknown> =>
    new Promise((resolve, reject) => {
      if (ended) {
        reject(ended);
        return;
      }
      const id = nextId++;
      waiting.set(id, { resolve, reject });
      child.send({ id, method, argument } satisfies Question);
    });
  return new Proxy({} as Remote<T>, {
    get:
      (_, method) =>
      (argument: unknown): Promise<unknown> =>
        ask(String(method), argument),
  });
}

/** Answers the parent process for as long as it is there; what fails is told to whoever has asked. */
export function answer<T extends Api<T>>(api: T): void {
  const methods = api as unknown as Record<string, (argument: unknown) => unknown>;
  process.on('message', ({ id, method, argument }: Question) => {
    if (id === undefined) {
      // Not a question: a node in a cluster hears its primary over the same channel.
      return;
    }
    void (async () => methods[method]?.(argument))()
      .then(
        (result): Answer => ({ id, result }),
        (error: unknown): Answer => ({
          id,
          error: error instanceof Error ? (error.stack ?? '') : String(error),
        }),
      )
      .then((reply) => process.send?.(reply));
  });
  process.on('disconnect', () => process.exit(0));
}
