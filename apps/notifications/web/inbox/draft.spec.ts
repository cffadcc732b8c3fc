import { describe, expect, it } from '@jest/globals';

import { edited, newDraft, problemOf } from './draft.js';

describe('a draft', () => {
  it('is another request once it says something else', () => {
    const draft = newDraft('first');
    expect(edited(draft, { title: 'Hello' }, 'second')).toEqual({ ...draft, title: 'Hello', key: 'second' });
  });

  it.each([
    ['', 'Write a title.'],
    ['  \n', 'Write a title.'],
    ['Hello', undefined],
  ])('with the title %j has the problem %j', (title, problem) => {
    expect(problemOf(edited(newDraft('first'), { title }, 'second'))).toBe(problem);
  });
});
