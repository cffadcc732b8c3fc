import { useCallback, useEffect, useReducer, useState } from 'react';

import type { Answer, AnswerState, AnswerSummary } from '../../src/assistant/answer.js';
import { messageOf, request } from '../http.js';
import { answerListReducer } from './answer-list.js';

export interface Answers {
  /** The latest first; `undefined`: they are being loaded. */
  readonly answers: readonly AnswerSummary[] | undefined;
  readonly error: string | undefined;
  /** @returns the answer's id @throws ApiError */
  readonly ask: (prompt: string) => Promise<string>;
  readonly changed: (id: string, state: AnswerState) => void;
}

/** The user's answers. */
export function useAnswers(): Answers {
  const [answers, dispatch] = useReducer(answerListReducer, undefined);
  const [error, setError] = useState<string>();
  useEffect(() => {
    const leaving = new AbortController();
    request<AnswerSummary[]>('GET', '/assistant/answers', { signal: leaving.signal }).then(
      (loaded) => dispatch({ type: 'loaded', answers: loaded }),
      (failure: unknown) => {
        if (!leaving.signal.aborted) {
          setError(messageOf(failure));
        }
      },
    );
    return () => leaving.abort();
  }, []);
  const ask = useCallback(async (prompt: string): Promise<string> => {
    const { id } = await request<Pick<Answer, 'id'>>('POST', '/assistant/ask', { body: { prompt } });
    const createdAt = new Date().toISOString();
    dispatch({ type: 'asked', answer: { id, prompt: prompt.trim(), state: 'running', createdAt } });
    return id;
  }, []);
  const changed = useCallback(
    (id: string, state: AnswerState): void => dispatch({ type: 'changed', id, state }),
    [],
  );
  return { answers, error, ask, changed };
}
