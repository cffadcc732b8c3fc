import { describe, expect, it } from '@jest/globals';
import { assert, array, double, integer, property } from 'fast-check';

import type { Match, Phase } from './match.js';
import { type MatchDay, newMatchDay, playTick } from './match-day.js';
import { seededRandom } from './seeded-random.js';

const PHASES: readonly Phase[] = ['scheduled', 'first-half', 'half-time', 'second-half', 'full-time'];
const isPlayed = ({ phase }: Match): boolean => phase === 'first-half' || phase === 'second-half';

/** The day, tick by tick, until the next one has begun. */
function wholeDay(seed: number): MatchDay[] {
  let tick = seed;
  const days = [newMatchDay(1, seededRandom(tick))];
  for (let last = days[0] as MatchDay; last.day === 1; days.push(last)) {
    last = playTick(last, seededRandom((tick += 1)));
  }
  return days;
}

describe('a match day', () => {
  it('goes forward, minute by minute, whatever happens in it', () => {
    assert(
      property(integer(), (seed) => {
        const days = wholeDay(seed);
        const faults = days.flatMap((day, index) => {
          const before = days[index - 1];
          return before?.day === day.day ? faultsOf(before, day) : [];
        });
        expect(faults).toEqual([]);
      }),
      { numRuns: 20 },
    );
  });

  it('ends when all matches have had their 90 minutes, and is seen for a while', () => {
    const days = wholeDay(7);
    const last = days.at(-2) as MatchDay;
    expect(last.matches.map(({ phase, minute }) => [phase, minute])).toEqual(
      last.matches.map(() => ['full-time', 90]),
    );
    const over = days.filter(({ matches }) => matches.every(({ phase }) => phase === 'full-time'));
    expect(over).toHaveLength(20);
    expect(days.at(-1)).toMatchObject({ day: 2, age: 0 });
  });

  it('has each team once', () => {
    assert(
      property(integer(), (seed) => {
        const { matches } = newMatchDay(1, seededRandom(seed));
        expect(new Set(matches.flatMap(({ home, away }) => [home, away])).size).toBe(matches.length * 2);
      }),
    );
  });

  it('is the same with the same numbers, and does not tell of what is as it was', () => {
    assert(
      property(array(double({ min: 0, max: 1, maxExcluded: true }), { minLength: 30 }), (numbers) => {
        const random = () => {
          let next = 0;
          return () => numbers[next++ % numbers.length] as number;
        };
        const day = newMatchDay(1, random());
        const later = playTick(day, random());
        expect(later).toEqual(playTick(day, random()));
        expect(later.matches.filter((match, place) => match !== day.matches[place])).toEqual(
          later.matches.filter(isPlayed),
        );
      }),
    );
  });
});

describe('seededRandom()', () => {
  it('gives numbers from 0 up to 1, spread evenly, others for each seed', () => {
    const firsts = Array.from({ length: 10_000 }, (_, seed) => seededRandom(seed)());
    expect(Math.min(...firsts)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...firsts)).toBeLessThan(1);
    const mean = firsts.reduce((sum, number) => sum + number, 0) / firsts.length;
    expect(mean).toBeCloseTo(0.5, 1);
    expect(new Set(firsts).size).toBeGreaterThan(9_990);
  });
});

/** What can't have happened in a tick. */
function faultsOf(before: MatchDay, { age, matches }: MatchDay): string[] {
  const faults = matches.flatMap((match, place) => faultsOfMatch(before.matches[place] as Match, match));
  return age === before.age + 1 ? faults : [...faults, `from ${before.age} to ${age}`];
}

function faultsOfMatch(before: Match, match: Match): string[] {
  const { phase, minute, goals } = match;
  const step = PHASES.indexOf(phase) - PHASES.indexOf(before.phase);
  const scored = goals.slice(before.goals.length);
  const rules: [string, boolean][] = [
    ['a phase is left out', step === 0 || step === 1],
    ['a minute is left out', minute - before.minute === (isPlayed(match) ? 1 : 0)],
    ['half-time is after 45 minutes', phase !== 'half-time' || minute === 45],
    ['the whole is 90 minutes', phase !== 'full-time' || minute === 90],
    ['goals stay', before.goals.every((goal, index) => goal === goals[index])],
    ['goals are scored in play, one at a time', scored.length <= (isPlayed(match) ? 1 : 0)],
    ['goals have their minute', scored.every((goal) => goal.minute === minute)],
  ];
  return rules.flatMap(([rule, holds]) => (holds ? [] : [`${rule}: ${JSON.stringify([before, match])}`]));
}
