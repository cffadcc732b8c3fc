import type { AnswerState, AnswerSummary } from '../../src/assistant/answer.js';

export type AnswerListAction =
  | { readonly type: 'loaded'; readonly answers: readonly AnswerSummary[] }
  | { readonly type: 'asked'; readonly answer: AnswerSummary }
  | { readonly type: 'changed'; readonly id: string; readonly state: AnswerState };

/** The user's answers, the latest first; `undefined`: they are being loaded. */
export function answerListReducer(
  answers: readonly AnswerSummary[] | undefined,
  action: AnswerListAction,
): readonly AnswerSummary[] | undefined {
  switch (action.type) {
    case 'loaded': {
      const known = new Set(action.answers.map(({ id }) => id));
      // What was asked meanwhile isn't in it.
      return [...(answers ?? []).filter(({ id }) => !known.has(id)), ...action.answers];
    }
    case 'asked':
      return [action.answer, ...(answers ?? []).filter(({ id }) => id !== action.answer.id)];
    case 'changed':
      return answers?.some(({ id, state }) => id === action.id && state !== action.state)
        ? answers.map((answer) => (answer.id === action.id ? { ...answer, state: action.state } : answer))
        : answers;
  }
}
