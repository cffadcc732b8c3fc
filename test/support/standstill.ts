import { setImmediate as turn } from 'node:timers/promises';

/** Resolves when a count has begun to grow and has then stayed the same for many turns of the event loop. */
export async function standstill(count: () => number): Promise<void> {
  let last = 0;
  for (let same = 0; same < 200; same += 1) {
    await turn();
    if (count() !== last || last === 0) {
      last = count();
      same = 0;
    }
  }
}
