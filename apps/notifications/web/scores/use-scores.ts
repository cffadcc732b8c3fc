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
  readonly reload: () => void;
}

/** The scores as they are, then each change; one connection for all tabs of the browser. */
export function useScores(): LiveScores {
  const [state, dispatch] = useReducer(scoresReducer, nothingKnown);
  const [error, setError] = useState<string>();
  const reload = useCallback((): void => {
    request<Scores>('GET', '/scores').then(
      (scores) => {
        setError(undefined);
        dispatch({ type: 'loaded', scores, at: Date.now() });
      },
      (failure: unknown) => setError(messageOf(failure)),
    );
  }, []);
  const connection = useSse<ScoreEvents>('/scores/stream', {
    shared: true,
    name: 'scores',
    on: {
      score: ({ data }) => dispatch({ type: 'told', event: data, at: Date.now() }),
      'sse:gap': reload,
    },
  });
  const isOpen = connection.status === 'open';
  // At once, for those whom no stream reaches; and when there is one, for what has happened meanwhile.
  useEffect(reload, [reload, isOpen]);
  return { state, connection, error, reload };
}
