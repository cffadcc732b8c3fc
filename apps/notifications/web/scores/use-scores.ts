import type { ConnectionState } from '@nestcast/client';
import { useSse } from '@nestcast/client/react';
import { useCallback, useEffect, useReducer } from 'react';

import type { ScoreEvents, Scores } from '../../src/scores/score-events.js';
import { messageOf, request } from '../http.js';
import { type ScoresState, nothingKnown, scoresReducer } from './scores-state.js';

export interface LiveScores {
  readonly state: ScoresState;
  readonly connection: ConnectionState;
  /** Asks for all scores once more. */
  readonly load: () => void;
}

/** The scores as they are, then each change; one connection for all tabs of the browser. */
export function useScores(): LiveScores {
  const [state, dispatch] = useReducer(scoresReducer, nothingKnown);
  const load = useCallback((): void => {
    request<Scores>('GET', '/scores').then(
      (scores) => dispatch({ type: 'loaded', scores, at: Date.now() }),
      (failure: unknown) => dispatch({ type: 'failed', message: messageOf(failure) }),
    );
  }, []);
  const connection = useSse<ScoreEvents>('/scores/stream', {
    shared: true,
    name: 'scores',
    on: {
      score: ({ data }) => dispatch({ type: 'told', event: data, at: Date.now() }),
      'sse:gap': load,
    },
  });
  const isOpen = connection.status === 'open';
  // For those whom no stream reaches.
  useEffect(load, [load]);
  // For what has happened before there was one.
  useEffect(() => {
    if (isOpen) {
      load();
    }
  }, [load, isOpen]);
  return { state, connection, load };
}
