import type { Random } from './match-day.js';

/** Numbers that only depend on the seed: mulberry32, by Tommy Ettinger. Good enough for a game, for nothing that is secret. */
export function seededRandom(seed: number): Random {
  let state = Math.imul(seed, 0x9e37_79b1);
  return () => {
    state = (state + 0x6d2b_79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
