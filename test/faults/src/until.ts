import { setTimeout as delay } from 'node:timers/promises';

const ASK_EVERY_MS = 10;
const GIVE_UP_MS = 30_000;

/** Asks until it is so; rejects if that takes too long. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  for (const began = performance.now(); !(await condition()); await delay(ASK_EVERY_MS)) {
    if (performance.now() - began > GIVE_UP_MS) {
      throw new Error(`It has not come to it within ${GIVE_UP_MS} ms: ${condition.toString()}`);
    }
  }
}
