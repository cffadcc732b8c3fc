import { useEffect, useState } from 'react';

import { type AnswerView, LOADING, followAnswer } from './answer-feed.js';

/** One answer, live. It must not be another for one component: give its id as the key. */
export function useAnswer(id: string): AnswerView {
  const [view, setView] = useState(LOADING);
  useEffect(() => followAnswer(id, setView), [id]);
  return view;
}
