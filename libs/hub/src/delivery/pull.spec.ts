import { describe, expect, it } from '@jest/globals';
import { settled } from '../spec-support/hub-fixture.js';
import { pull } from './pull.js';

const never = new Promise<never>(() => undefined);

interface Pulling {
  readonly controller: AbortController;
  readonly taken: unknown[];
  readonly late: unknown[];
  readonly done: Promise<void>;
}

type Take = (item: unknown, controller: AbortController) => void | Promise<void>;

function start(source: AsyncIterable<unknown> | Iterable<unknown>, take?: Take): Pulling {
  const controller = new AbortController();
  const taken: unknown[] = [];
  const late: unknown[] = [];
  const takeOrKeep = (item: unknown): void | Promise<void> =>
    take ? take(item, controller) : void taken.push(item);
  const done = pull(source, controller.signal, takeOrKeep, (error) => late.push(error));
  return { controller, taken, late, done };
}

describe('pull', () => {
  it('takes everything of an iterable and of an async one, in order', async () => {
    const runs = [start([1, 2]), start(new Set([1, 2])), start(twoLater())];
    await Promise.all(runs.map(({ done }) => done));
    expect(runs.map(({ taken }) => taken)).toEqual([
      [1, 2],
      [1, 2],
      [1, 2],
    ]);
  });

  it('does not wait for a take that never ends once it is aborted, and lets the source return', async () => {
    let returned = false;
    function* source(): Generator<number> {
      try {
        yield 1;
      } finally {
        returned = true;
      }
    }
    const pulling = start(source(), () => never);
    await settled();
    pulling.controller.abort();
    await pulling.done;
    expect(returned).toBe(true);
  });

  it('asks for the next when it is through with the last', async () => {
    const log: string[] = [];
    async function* source(): AsyncGenerator<number> {
      for (const item of [1, 2]) {
        log.push(`gives ${item}`);
        yield item;
      }
    }
    const { done } = start(source(), async (item) => {
      await settled();
      log.push(`took ${String(item)}`);
    });
    await done;
    expect(log).toEqual(['gives 1', 'took 1', 'gives 2', 'took 2']);
  });

  it('resolves at once when aborted, and tells the source to return', async () => {
    let returned = 0;
    const source: AsyncIterable<number> = {
      [Symbol.asyncIterator]: () => ({
        next: () => never,
        return: async () => {
          returned += 1;
          return { done: true, value: undefined };
        },
      }),
    };
    const { controller, done } = start(source);
    await settled();
    controller.abort();
    await done;
    expect(returned).toBe(1);
  });

  it('runs the clean-up of a generator that waits between two items', async () => {
    let cleaned = false;
    async function* source(): AsyncGenerator<number> {
      try {
        yield 1;
        yield 2;
      } finally {
        cleaned = true;
      }
    }
    const { taken, done } = start(source(), (_, controller) => controller.abort());
    await done;
    await settled();
    expect([taken, cleaned]).toEqual([[], true]);
  });

  it('asks for nothing if it is aborted already', async () => {
    let asked = 0;
    function* source(): Generator<number> {
      asked += 1;
      yield 1;
    }
    const controller = new AbortController();
    controller.abort();
    await pull(
      source(),
      controller.signal,
      () => undefined,
      () => undefined,
    );
    expect(asked).toBe(0);
  });

  it('does not return a source that has come to its end', async () => {
    let returned = 0;
    const source: Iterable<number> = {
      [Symbol.iterator]: () => ({
        next: () => ({ done: true, value: undefined }),
        return: () => {
          returned += 1;
          return { done: true, value: undefined };
        },
      }),
    };
    await start(source).done;
    expect(returned).toBe(0);
  });

  it('rejects with what the source throws, at any time', async () => {
    const failing = start(oneThenError());
    await expect(failing.done).rejects.toThrow('source');
    expect([failing.taken, failing.late]).toEqual([[1], []]);
    const atOnce: Iterable<number> = {
      [Symbol.iterator]: () => ({
        next: () => {
          throw new Error('at once');
        },
      }),
    };
    await expect(start(atOnce).done).rejects.toThrow('at once');
  });

  it('rejects with what take throws, and the source is told to return', async () => {
    let cleaned = false;
    function* source(): Generator<number> {
      try {
        yield 1;
      } finally {
        cleaned = true;
      }
    }
    const { done } = start(source(), () => {
      throw new Error('take');
    });
    await expect(done).rejects.toThrow('take');
    expect(cleaned).toBe(true);
  });

  it('drops what the source’s wait rejects with after the abort', async () => {
    const rejects: ((error: Error) => void)[] = [];
    async function* source(): AsyncGenerator<number> {
      await new Promise((_, reject) => rejects.push(reject));
      yield 1;
    }
    const { controller, late, done } = start(source());
    await settled();
    controller.abort();
    await done;
    rejects.forEach((reject) => reject(new Error('aborted')));
    expect(rejects).toHaveLength(1);
    await settled();
    expect(late).toEqual([]);
  });

  for (const [kind, source] of [
    ['an async generator', cleaningLater],
    ['a generator', cleaning],
  ] as const) {
    it(`reports what the clean-up of ${kind} throws after the abort`, async () => {
      const { late, done } = start(source(), (_, controller) => controller.abort());
      await done;
      await settled();
      expect(late).toEqual([new Error('clean-up')]);
    });
  }

  it('leaves no listener on the signal', async () => {
    const controller = new AbortController();
    let listeners = 0;
    const { signal } = controller;
    const add = signal.addEventListener.bind(signal);
    const remove = signal.removeEventListener.bind(signal);
    signal.addEventListener = (...args: Parameters<typeof add>) => ((listeners += 1), add(...args));
    signal.removeEventListener = (...args: Parameters<typeof remove>) => ((listeners -= 1), remove(...args));
    await pull(
      Array.from({ length: 100 }, (_, index) => index),
      signal,
      () => undefined,
      () => undefined,
    );
    expect(listeners).toBe(0);
  });

  it('lets the event loop turn while its source has items at hand', async () => {
    const { controller, taken, done } = start(many());
    setImmediate(() => controller.abort());
    await done;
    expect(taken.length).toBeGreaterThan(0);
    expect(taken.length).toBeLessThan(1_000_000);
  });
});

async function* twoLater(): AsyncGenerator<number> {
  yield 1;
  yield 2;
}

async function* oneThenError(): AsyncGenerator<number> {
  yield 1;
  throw new Error('source');
}

function* many(): Generator<number> {
  for (let item = 0; item < 1_000_000; item += 1) {
    yield item;
  }
}

async function* cleaningLater(): AsyncGenerator<number> {
  try {
    yield 1;
  } finally {
    fail();
  }
}

function* cleaning(): Generator<number> {
  try {
    yield 1;
  } finally {
    fail();
  }
}

function fail(): never {
  throw new Error('clean-up');
}
