import { type SseClient, createSseClient } from '@nestcast/client';
import { type ReactNode, createContext, useContext, useEffect, useMemo } from 'react';

import type { NotificationEvents } from '../../src/notifications/notification-events.js';
import type { TestEvents } from '../../src/operations/operations-events.js';
import { useSessionControls } from '../session/session-context.js';

export type StreamEvents = NotificationEvents & TestEvents;
export type Stream = SseClient<StreamEvents>;

const UNAUTHORIZED = 401;
const Context = createContext<Stream | undefined>(undefined);

export interface StreamProviderProps {
  /** Whose events it brings. */
  readonly userId: string;
  readonly children: ReactNode;
}

/** The main stream of who is signed in: one connection for all tabs of the browser. */
export function StreamProvider({ userId, children }: StreamProviderProps) {
  const { refresh } = useSessionControls();
  const stream = useMemo(
    () =>
      createSseClient<StreamEvents>('/notifications/stream', {
        shared: true,
        name: `inbox/${userId}`,
        manual: true,
      }),
    [userId],
  );
  useEffect(() => {
    // The server ends the streams of a session with it; what the session is now, it says itself.
    const stops = [
      stream.listen('error', ({ data }) => {
        if (data.status === UNAUTHORIZED) {
          void refresh();
        }
      }),
      stream.listen('sse:goodbye', ({ data }) => {
        if (data.reason === 'revoked') {
          void refresh();
        }
      }),
    ];
    stream.open();
    return () => {
      stops.forEach((stop) => stop());
      stream.close();
    };
  }, [stream, refresh]);
  return <Context value={stream}>{children}</Context>;
}

/**
 * The main stream; `undefined` where nobody is signed in. With `useSse(stream, { on })` a component hears its events, and
 * `sse:gap`, after which what is shown must be fetched anew.
 */
export function useStream(): Stream | undefined {
  return useContext(Context);
}
