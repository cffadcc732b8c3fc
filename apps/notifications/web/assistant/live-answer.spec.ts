import { describe, expect, it } from '@jest/globals';

import type { Answer } from '../../src/assistant/answer.js';
import type { AnswerEnd } from '../../src/assistant/answer-events.js';
import { type LiveAnswer, type LiveAnswerAction, hasHole, liveAnswerReducer } from './live-answer.js';

const figures = { tokens: 0, tokensPerSecond: null, firstTokenMs: null, durationMs: null };
const answer = (text: string, state: Answer['state'] = 'running'): Answer => ({
  id: '1',
  prompt: 'Why?',
  state,
  text,
  model: 'small',
  createdAt: '2026-01-01T00:00:00.000Z',
  figures,
  error: null,
});
const end = (state: AnswerEnd['state'], length: number): LiveAnswerAction => ({
  type: 'ended',
  end: { state, length, figures, error: null },
});
const loaded = (text: string, state?: Answer['state']): LiveAnswerAction => ({
  type: 'loaded',
  answer: answer(text, state),
});
const tokens = (...given: readonly [number, string][]): LiveAnswerAction => ({
  type: 'tokens',
  tokens: given.map(([offset, text]) => ({ offset, text })),
});
const after = (...actions: readonly LiveAnswerAction[]): LiveAnswer =>
  actions.reduce<LiveAnswer | undefined>(liveAnswerReducer, undefined) as LiveAnswer;

describe('liveAnswerReducer', () => {
  it('appends what comes', () => {
    const live = after(loaded(''), tokens([0, 'One'], [3, ' two']), tokens([7, '.']));
    expect(live.answer.text).toBe('One two.');
    expect(hasHole(live)).toBe(false);
  });

  it('takes nothing twice: neither what it was loaded with, nor what comes again', () => {
    const again = tokens([0, 'One'], [3, ' two'], [7, '.']);
    expect(after(loaded('One tw'), again, again).answer.text).toBe('One two.');
  });

  it('keeps what came too early, until the text before it is there', () => {
    const early = after(loaded('One'), tokens([7, '.'], [8, '..']));
    expect(early.answer.text).toBe('One');
    expect(hasHole(early)).toBe(true);
    for (const missing of [tokens([3, ' two']), loaded('One two')]) {
      const whole = liveAnswerReducer(early, missing) as LiveAnswer;
      expect(whole.answer.text).toBe('One two...');
      expect(hasHole(whole)).toBe(false);
    }
  });

  it('is further than what was saved a moment ago', () => {
    expect(after(loaded(''), tokens([0, 'One two']), loaded('One')).answer.text).toBe('One two');
  });

  it('has a hole when less has come than there is', () => {
    const live = after(loaded('One'), end('completed', 7));
    expect(hasHole(live)).toBe(true);
    expect(hasHole(liveAnswerReducer(live, loaded('One two', 'completed')) as LiveAnswer)).toBe(false);
  });

  it('stays ended, whatever was asked before its end', () => {
    const live = after(loaded(''), tokens([0, 'One']), end('cancelled', 3), loaded('On'));
    expect(live.answer).toMatchObject({ state: 'cancelled', text: 'One' });
  });

  it('knows nothing of an answer that is not loaded', () => {
    expect(liveAnswerReducer(undefined, tokens([0, 'One']))).toBeUndefined();
  });
});
