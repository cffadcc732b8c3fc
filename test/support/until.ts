import { setTimeout as delay } from 'node:timers/promises';

/** Resolves once the condition holds, looked at every millisecond or so; rejects if it takes too long. */
export async function until(condition: () => boolean, withinMs = 10_000): Promise<void> {
  const end = performance.now() + withinMs;
  while (!condition()) {
    if (performance.now() > end) {
      throw new Error(`It has not come to it within ${withinMs} ms: ${condition.toString()}`);
    }
    await delay(1);
  }
}
