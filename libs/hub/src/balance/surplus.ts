import type { BalanceOptions } from '../hub-options.js';

/** Once a node sheds, it goes on until it has no more than this part of what it may have above its share. */
const EVEN = 0.5;

/**
 * How many connections a node has above what it should, seen from the numbers of all nodes. Far above its share is where it
 * begins to shed, near it is where it ends, so that small differences, and its own clients that come back to it, move nothing.
 *
 * @param own how many it has
 * @param loads how many each node has, this one included
 * @param shedding whether it has been shedding before
 */
export function surplusOf(
  own: number,
  loads: readonly number[],
  { surplusRatio, surplusMin }: Pick<BalanceOptions, 'surplusRatio' | 'surplusMin'>,
  shedding: boolean,
): number {
  const share = loads.reduce((sum, load) => sum + load, 0) / loads.length;
  const tolerated = Math.max(share * surplusRatio, surplusMin);
  const above = own - share;
  if (loads.length < 2 || above <= (shedding ? tolerated * EVEN : tolerated)) {
    return 0;
  }
  return Math.ceil(above - tolerated * EVEN);
}
