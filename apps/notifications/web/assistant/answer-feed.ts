import { type SseClient, createSseClient } from '@nestcast/client';

import type { Answer } from '../../src/assistant/answer.js';
import type { AnswerEvents } from '../../src/assistant/answer-events.js';
import { ApiError, messageOf, request } from '../http.js';
import { createFrameQueue } from './frame-queue.js';
import {
  type LiveAnswer,
  type LiveAnswerAction,
  type Token,
  hasHole,
  liveAnswerReducer,
} from './live-answer.js';

const LOAD_AGAIN_MS = 1_000;
const NOT_FOUND = 404;

export interface AnswerView {
  /** `undefined`: it is being loaded. */
  readonly live: LiveAnswer | undefined;
  /** Why it can't be shown, or not be loaded again. */
  readonly error: string | undefined;
  /** The connection is lost, and tried again. */
  readonly reconnecting: boolean;
}

export const LOADING: AnswerView = { live: undefined, error: undefined, reconnecting: false };

/**
 * Follows one answer: what the server has stored of it, and the rest as it is written. Where the stream has let something out,
 * or can't be had, what is stored is asked for again, until there is all of it.
 *
 * @returns what ends it
 */
export function followAnswer(id: string, show: (view: AnswerView) => void): () => void {
  const path = `/assistant/answers/${id}`;
  const leaving = new AbortController();
  const tokens = createFrameQueue<Token>((gathered) => act({ type: 'tokens', tokens: gathered }));
  let view = LOADING;
  let client: SseClient<AnswerEvents> | undefined;
  let loading = false;
  let timer: ReturnType<typeof setTimeout> | undefined;

  function set(change: Partial<AnswerView>): void {
    view = { ...view, ...change };
    show(view);
  }

  function act(action: LiveAnswerAction): void {
    set({ live: liveAnswerReducer(view.live, action) });
    settle();
  }

  async function load(): Promise<void> {
    loading = true;
    try {
      const answer = await request<Answer>('GET', path, { signal: leaving.signal });
      set({ error: undefined });
      act({ type: 'loaded', answer });
    } catch (error) {
      if (!leaving.signal.aborted) {
        set({ error: explain(error) });
      }
    }
    loading = false;
    settle();
  }

  /** Does what the answer's state asks for. */
  function settle(): void {
    const { live } = view;
    if (!live || leaving.signal.aborted) {
      return;
    }
    const running = live.answer.state === 'running';
    if (!running) {
      leave();
    } else if (!client) {
      client = createSseClient<AnswerEvents>(`${path}/stream`, { manual: true });
      listen(client);
      client.open();
    }
    // A client that was closed by the server, and for good, will tell no end.
    const deaf = client?.getSnapshot().status === 'closed';
    if ((deaf || hasHole(live)) && !loading && timer === undefined) {
      timer = setTimeout(() => {
        timer = undefined;
        void load();
      }, LOAD_AGAIN_MS);
    }
  }

  /** From the start: what is known already is recognised by its place. */
  function listen(opened: SseClient<AnswerEvents>): void {
    opened.on('token', ({ data }) => tokens.add(data));
    opened.on('progress', ({ data }) => act({ type: 'progress', figures: data }));
    for (const type of ['complete', 'cancelled', 'failed', 'interrupted'] as const) {
      opened.on(type, ({ data }) => {
        tokens.flush();
        act({ type: 'ended', end: data });
      });
    }
    opened.on('sse:gap', () => void load());
    opened.subscribe(() => {
      const reconnecting = opened.getSnapshot().status === 'waiting';
      if (reconnecting !== view.reconnecting) {
        set({ reconnecting });
      }
      settle();
    });
  }

  function leave(): void {
    const left = client;
    client = undefined;
    left?.close();
  }

  void load();
  return () => {
    leaving.abort();
    clearTimeout(timer);
    tokens.clear();
    leave();
  };
}

function explain(error: unknown): string {
  return error instanceof ApiError && error.status === NOT_FOUND
    ? 'This answer doesn’t exist, or it isn’t yours.'
    : messageOf(error);
}
