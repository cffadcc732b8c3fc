import { setTimeout as wait } from 'node:timers/promises';

const LONGEST_MS = 4_000;

/** Resolves when it holds, which Redis tells nobody by itself. */
export async function eventually(holds: () => boolean | Promise<boolean>): Promise<void> {
  const end = performance.now() + LONGEST_MS;
  while (!(await holds())) {
    if (performance.now() > end) {
      throw new Error(`It has not come about within ${LONGEST_MS} ms: ${holds.toString()}`);
    }
    await wait(10);
  }
}
