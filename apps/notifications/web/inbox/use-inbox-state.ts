import type { SseStatus } from '@nestcast/client';
import { useSse } from '@nestcast/client/react';
import { useCallback, useEffect, useRef, useState } from 'react';

import type { Selection } from '../../src/notifications/inbox.js';
import type { Notification } from '../../src/notifications/notification.js';
import { messageOf } from '../http.js';
import type { Stream } from '../shell/stream.js';
import { fetchPage, postRead } from './inbox-requests.js';
import { type InboxState, emptyInbox, withEvent, withGap, withPage } from './inbox-state.js';

const RETRY_MS = 3_000;

export interface InboxControls {
  readonly state: InboxState;
  /** Why the first page can't be had; it is asked for again by and by. */
  readonly problem: string | undefined;
  /** Asks for the first page at once. */
  readonly refresh: () => void;
  /** @throws ApiError */
  readonly showOlder: () => Promise<void>;
  /**
   * The server's answer is waited for, rather than guessed: it takes no longer than the event, and nothing has to be taken back.
   *
   * @throws ApiError
   */
  readonly markRead: (selection: Selection) => Promise<void>;
}

/**
 * Keeps the inbox of the stream's user: listens first, and asks for the first page then, so that nothing falls between the
 * two; after a gap again.
 *
 * @param onNew is called for each notification that comes in, once
 */
export function useInboxState(stream: Stream, onNew: (notification: Notification) => void): InboxControls {
  const latest = useRef(emptyInbox);
  const [state, setState] = useState(emptyInbox);
  const [problem, setProblem] = useState<string>();
  // Taken back with a gap: their answers may lack what it has lost.
  const [requests, setRequests] = useState(() => new AbortController());
  const update = useCallback((next: InboxState): void => {
    latest.current = next;
    setState(next);
  }, []);
  const refresh = useCallback((): void => {
    requests.abort();
    setRequests(new AbortController());
  }, [requests]);

  const { selected: status } = useSse(stream, {
    select: (snapshot) => snapshot.status,
    on: {
      'notification.created': ({ data }) => {
        const isNew = !latest.current.notifications.has(data.notification.id);
        update(withEvent(latest.current, 'notification.created', data));
        if (isNew) {
          onNew(data.notification);
        }
      },
      'notification.read': ({ data }) => update(withEvent(latest.current, 'notification.read', data)),
      'sse:gap': () => {
        update(withGap(latest.current));
        refresh();
      },
    },
  });
  const stage = useStage(status);

  useEffect(() => {
    if (stage === 'connecting') {
      return undefined;
    }
    const effect = new AbortController();
    const signal = AbortSignal.any([effect.signal, requests.signal]);
    let retry: ReturnType<typeof setTimeout> | undefined;
    const ask = async (): Promise<void> => {
      try {
        const page = await fetchPage(undefined, signal);
        if (!signal.aborted) {
          setProblem(undefined);
          update(withPage(latest.current, page));
        }
      } catch (error) {
        if (!signal.aborted) {
          setProblem(messageOf(error));
          retry = setTimeout(() => void ask(), RETRY_MS);
        }
      }
    };
    void ask();
    return () => {
      clearTimeout(retry);
      effect.abort();
    };
  }, [stage, requests, update]);

  const showOlder = useCallback(async (): Promise<void> => {
    const { oldest } = latest.current;
    const { signal } = requests;
    if (!oldest) {
      return;
    }
    try {
      const page = await fetchPage(oldest, signal);
      if (!signal.aborted) {
        update(withPage(latest.current, page, oldest));
      }
    } catch (error) {
      if (!signal.aborted) {
        throw error;
      }
    }
  }, [requests, update]);

  const markRead = useCallback(
    async (selection: Selection): Promise<void> => {
      const data = await postRead(selection);
      update(withEvent(latest.current, 'notification.read', data));
    },
    [update],
  );

  return { state, problem, refresh, showOlder, markRead };
}

/**
 * How far the stream has ever come. The first page is asked for when it has been tried, so that there is something to show
 * without a stream; and again when it is open, because only from then on nothing is missed.
 */
function useStage(status: SseStatus): 'connecting' | 'tried' | 'heard' {
  const [stage, setStage] = useState<'connecting' | 'tried' | 'heard'>('connecting');
  const now = status === 'open' ? 'heard' : status === 'connecting' ? 'connecting' : 'tried';
  if (stage !== 'heard' && now !== 'connecting' && now !== stage) {
    setStage(now);
  }
  return stage;
}
