import { type SseStatus, createSseClient } from '@nestcast/client';
import { useEffect, useReducer, useState } from 'react';

import type { Answer } from '../../src/assistant/answer.js';
import type { AnswerEvents } from '../../src/assistant/answer-events.js';
import { ApiError, messageOf, request } from '../http.js';
import { createFrameQueue } from './frame-queue.js';
import { type LiveAnswer, type Token, hasHole, liveAnswerReducer } from './live-answer.js';

const LOAD_AGAIN_MS = 1_000;
const NOT_FOUND = 404;

export interface AnswerView {
  /** `undefined`: it is being loaded. */
  readonly live: LiveAnswer | undefined;
  /** Why it can't be shown. */
  readonly error: string | undefined;
  /** The connection is lost, and tried again. */
  readonly reconnecting: boolean;
}

/** One answer: what the server has stored of it, and the rest as it is written. It must not change for one component. */
export function useAnswer(id: string): AnswerView {
  const [live, dispatch] = useReducer(liveAnswerReducer, undefined);
  const [error, setError] = useState<string>();
  const [status, setStatus] = useState<SseStatus>('connecting');
  const [loads, setLoads] = useState(0);
  const path = `/assistant/answers/${id}`;

  useEffect(() => {
    const leaving = new AbortController();
    request<Answer>('GET', path, { signal: leaving.signal }).then(
      (answer) => {
        setError(undefined);
        dispatch({ type: 'loaded', answer });
      },
      (failure: unknown) => {
        if (!leaving.signal.aborted) {
          setError(
            failure instanceof ApiError && failure.status === NOT_FOUND
              ? 'This answer doesn’t exist, or it isn’t yours.'
              : messageOf(failure),
          );
        }
      },
    );
    return () => leaving.abort();
  }, [path, loads]);

  const running = live?.answer.state === 'running';
  // What is missing of a text is stored within a second or so; without a stream so is all of it.
  const incomplete = live !== undefined && (hasHole(live) || (running && status === 'closed'));
  useEffect(() => {
    const timer = incomplete ? setTimeout(() => setLoads((count) => count + 1), LOAD_AGAIN_MS) : undefined;
    return () => clearTimeout(timer);
  }, [incomplete, loads]);

  useEffect(() => {
    if (!running) {
      return undefined;
    }
    const tokens = createFrameQueue<Token>((gathered) => dispatch({ type: 'tokens', tokens: gathered }));
    // From the start: what is known already is recognised by its place.
    const client = createSseClient<AnswerEvents>(`${path}/stream`, {
      onGap: () => setLoads((count) => count + 1),
    });
    client.on('token', ({ data }) => tokens.add(data));
    client.on('progress', ({ data }) => dispatch({ type: 'progress', figures: data }));
    for (const type of ['complete', 'cancelled', 'failed', 'interrupted'] as const) {
      client.on(type, ({ data }) => {
        tokens.flush();
        dispatch({ type: 'ended', end: data });
      });
    }
    const stop = client.subscribe(() => setStatus(client.getSnapshot().status));
    return () => {
      stop();
      client.close();
      tokens.clear();
      setStatus('connecting');
    };
  }, [running, path]);

  return { live, error, reconnecting: running && status === 'waiting' };
}
