import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { hubDefaults } from '../hub-options.js';
import { surplusOf } from './surplus.js';

const options = hubDefaults.balance;

describe('the surplus of a node', () => {
  it.each<[string, number, number[], number]>([
    ['alone', 1_000, [1_000], 0],
    ['with few connections, however they are spread', 20, [20, 0], 0],
    ['a fifth above its share', 120, [120, 90, 90], 0],
    ['more than a fifth above its share', 121, [121, 90, 90], 11],
    ['far above its share', 300, [300, 300, 0], 80],
    ['below its share', 50, [50, 100], 0],
  ])('of a node %s', (_what, own, loads, surplus) => {
    expect(surplusOf(own, loads, options, false)).toBe(surplus);
  });

  it('ends nearer to its share than it has begun', () => {
    const loads = [115, 90, 95];
    expect(surplusOf(115, loads, options, false)).toBe(0);
    expect(surplusOf(115, loads, options, true)).toBe(5);
    expect(surplusOf(110, [110, 95, 95], options, true)).toBe(0);
  });

  it('evens out, and then stays as it is, wherever those go who are closed (property)', () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat({ max: 2_000 }), { minLength: 2, maxLength: 8 }),
        fc.infiniteStream(fc.nat()),
        (start, chance) => {
          const loads = [...start];
          const shedding = loads.map(() => false);
          const total = loads.reduce((sum, load) => sum + load, 0);
          const round = (): number => {
            const closed = loads.map((own, node) => {
              const surplus = surplusOf(own, loads, options, shedding[node] === true);
              shedding[node] = surplus > 0;
              return Math.min(surplus, Math.ceil(own * options.shedRatio));
            });
            closed.forEach((count, node) => {
              loads[node] = (loads[node] ?? 0) - count;
            });
            const coming = closed.reduce((sum, count) => sum + count, 0);
            // In turn, as node:cluster deals connections out, from anywhere on.
            const first = (chance.next().value as number) % loads.length;
            for (let client = 0; client < coming; client += 1) {
              const node = (first + client) % loads.length;
              loads[node] = (loads[node] ?? 0) + 1;
            }
            return coming;
          };
          let rounds = 0;
          while (round() > 0) {
            rounds += 1;
            expect(rounds).toBeLessThan(100);
          }
          const share = total / loads.length;
          expect(Math.max(...loads) - share).toBeLessThanOrEqual(Math.max(share * 0.2, 10));
          expect(Array.from({ length: 10 }, round)).toEqual(Array.from({ length: 10 }, () => 0));
        },
      ),
    );
  });
});
