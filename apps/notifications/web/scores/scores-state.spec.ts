import { describe, expect, it } from '@jest/globals';
import { assert, constantFrom, integer, property, shuffledSubarray } from 'fast-check';

import type { Match } from '../../src/scores/match.js';
import { type ScoresState, matchesOf, nothingKnown, scoreOf, scoresReducer } from './scores-state.js';

const at = 1_000;
const match: Match = {
  id: '1',
  home: 'Old Mill',
  away: 'Lakeside',
  phase: 'first-half',
  minute: 12,
  goals: [{ minute: 3, side: 'away' }],
};
const scored: Match = { ...match, minute: 13, goals: [...match.goals, { minute: 13, side: 'home' }] };
const told = (state: ScoresState, tick: number, now: Match): ScoresState =>
  scoresReducer(state, { type: 'told', event: { tick, match: now }, at });
const loaded = scoresReducer(nothingKnown, { type: 'loaded', scores: { tick: 12, matches: [match] }, at });

describe('the scores', () => {
  it('are told of, goal by goal', () => {
    const state = told(loaded, 13, scored);
    expect(matchesOf(state)).toEqual([scored]);
    expect(scoreOf(scored)).toEqual({ home: 1, away: 1 });
    expect(state.news).toEqual([
      { key: '13-1-13', minute: 13, text: 'Goal for Old Mill: Old Mill 1, Lakeside 1' },
    ]);
  });

  it('tell no goal of before, or of another match', () => {
    expect(told(nothingKnown, 13, scored).news).toEqual([]);
    expect(told(loaded, 13, { ...scored, home: 'Redcliff' }).news).toEqual([]);
    const late = { type: 'loaded', scores: { tick: 13, matches: [scored] }, at } as const;
    expect(scoresReducer(loaded, late)).toMatchObject({ news: [], known: { '1': { match: scored } } });
  });

  it('are the latest, and each goal is told once, in whatever order they come', () => {
    const steps = [
      { tick: 11, now: { ...match, minute: 11 } },
      { tick: 12, now: match },
      { tick: 13, now: scored },
    ];
    const order = shuffledSubarray(
      [...steps, ...steps].map((_, index) => index),
      { minLength: 6 },
    );
    assert(
      property(order, integer({ min: 0, max: 6 }), constantFrom(...steps), (indexes, when, snapshot) => {
        let state = nothingKnown;
        for (const [position, index] of indexes.entries()) {
          if (position === when) {
            const scores = { tick: snapshot.tick, matches: [snapshot.now] };
            state = scoresReducer(state, { type: 'loaded', scores, at });
          }
          const step = steps[index % steps.length] as (typeof steps)[number];
          state = told(state, step.tick, step.now);
        }
        expect(matchesOf(state)).toEqual([scored]);
        expect(state.news.length).toBeLessThanOrEqual(1);
      }),
    );
  });

  it('stay when they can’t be loaded again, which is told until they can', () => {
    const failed = scoresReducer(loaded, { type: 'failed', message: 'Away.' });
    expect([matchesOf(failed), failed.problem]).toEqual([[match], 'Away.']);
    const scores = { tick: 13, matches: [scored] };
    expect(scoresReducer(failed, { type: 'loaded', scores, at }).problem).toBeUndefined();
  });

  it('keep the order of the programme', () => {
    const state = ['10', '2', '1'].reduce((all, id) => told(all, 1, { ...match, id }), nothingKnown);
    expect(matchesOf(state).map(({ id }) => id)).toEqual(['1', '2', '10']);
  });
});
