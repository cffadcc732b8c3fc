import type { Answer } from './answer.js';
import type { AnswerEnd } from './answer-events.js';
import { figuresOf } from './answer-figures.js';
import type { answerTable } from './answer.table.js';

export type AnswerRow = typeof answerTable.$inferSelect;

/** As its user gets it. */
export function answerOf(row: AnswerRow): Answer {
  const { id, prompt, state, text, model, error, createdAt } = row;
  return {
    id,
    prompt,
    state,
    createdAt: createdAt.toISOString(),
    text,
    model,
    figures: figuresOf(row),
    error,
  };
}

/** The event that tells its end; `undefined` as long as it is running. */
export function endOf(row: AnswerRow): { readonly type: string; readonly data: AnswerEnd } | undefined {
  const { state, text, error } = row;
  if (state === 'running') {
    return undefined;
  }
  const type = state === 'completed' ? 'complete' : state;
  return { type, data: { state, length: text.length, figures: figuresOf(row), error } };
}
