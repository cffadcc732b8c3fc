import { describe, expect, it } from '@jest/globals';

import type { AnswerState, AnswerSummary } from '../../src/assistant/answer.js';
import { answerListReducer } from './answer-list.js';

const answer = (id: string, state: AnswerState = 'completed'): AnswerSummary => ({
  id,
  prompt: `Question ${id}`,
  state,
  createdAt: '2026-01-01T00:00:00.000Z',
});

describe('answerListReducer', () => {
  it('puts what is asked first, also while the list is being loaded', () => {
    const asked = answerListReducer(undefined, { type: 'asked', answer: answer('3', 'running') });
    const loaded = answerListReducer(asked, { type: 'loaded', answers: [answer('2'), answer('1')] });
    expect(loaded?.map(({ id }) => id)).toEqual(['3', '2', '1']);
    const again = answerListReducer(loaded, { type: 'loaded', answers: [answer('3'), answer('2')] });
    expect(again?.map(({ id }) => id)).toEqual(['1', '3', '2']);
  });

  it('changes one, and is the same list where nothing changes', () => {
    const list = [answer('2', 'running'), answer('1')];
    const changed = answerListReducer(list, { type: 'changed', id: '2', state: 'failed' });
    expect(changed).toEqual([answer('2', 'failed'), answer('1')]);
    expect(answerListReducer(changed, { type: 'changed', id: '2', state: 'failed' })).toBe(changed);
    expect(answerListReducer(changed, { type: 'changed', id: '9', state: 'failed' })).toBe(changed);
  });
});
