import type { ConnectionState } from '@nestcast/client';
import { useSse } from '@nestcast/client/react';
import { useCallback, useEffect, useReducer, useState } from 'react';

import type { ScoreEvents, Scores } from '../../src/scores/score-events.js';
import { messageOf, request } from '../http.js';
import { type ScoresState, nothingKnown, scoresReducer } from './scores-state.js';

export interface LiveScores {
  readonly state: ScoresState;
  readonly connection: ConnectionState;
  /** Why the scores could not be loaded. */
  readonly error: string | undefined;
  readonly load: () => Promise<void>;
}

/** The scores as they are, then each change; one connection for all tabs of the browser. */
export function useScores(): LiveScores {
  const [state, dispatch] = useReducer(scoresReducer, nothingKnown);
  const [error, setError] = useState<string>();
  const load = useCallback(async (): Promise<void> => {
    try {
      const scores = await request<Scores>('GET', '/scores');
      setError(undefined);
      dispatch({ type: 'loaded', scores, at: Date.now() });
    } catch (failure) {
      setError(messageOf(failure));
    }
  }, []);
  const connection = useSse<ScoreEvents>('/scores/stream', {
    shared: true,
    name: 'scores',
    on: {
      score: ({ data }) => dispatch({ type: 'told', event: data, at: Date.now() }),
      'sse:gap': () => void load(),
    },
  });
  const isOpen = connection.status === 'open';
  // At once, for those whom no stream reaches; and when there is one, for what has happened meanwhile.
  useEffect(() => void load(), [load, isOpen]);
  return { state, connection, error, load };
}
