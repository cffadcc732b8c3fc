import { type ReactNode, createContext, useCallback, useContext, useMemo, useState } from 'react';
import { useLocation } from 'react-router';

import type { Notification } from '../../src/notifications/notification.js';
import type { Stream } from '../shell/stream.js';
import { useToast } from '../shell/toasts.js';
import { unreadCount } from './inbox-state.js';
import { type InboxControls, useInboxState } from './use-inbox-state.js';

export interface InboxView extends InboxControls {
  readonly unread: number;
  /** The last that has come in since the page was loaded. */
  readonly last: Notification | undefined;
}

export interface InboxProviderProps {
  readonly userId: string;
  readonly stream: Stream;
  readonly children: ReactNode;
}

const Context = createContext<InboxView | undefined>(undefined);

/** What the signed-in user has, for all pages; on those that don't show it each new notification is a message. */
export function InboxProvider({ userId, stream, children }: InboxProviderProps) {
  const toast = useToast();
  const { pathname } = useLocation();
  const [last, setLast] = useState<Notification>();
  const onNew = useCallback(
    (notification: Notification): void => {
      setLast(notification);
      const { level, title, body, sender } = notification;
      if (pathname !== '/' && sender !== userId) {
        toast({ level, title, detail: body || undefined });
      }
    },
    [pathname, toast, userId],
  );
  const { state, problem, refresh, showOlder, markRead } = useInboxState(stream, onNew);
  const view = useMemo<InboxView>(
    () => ({ state, problem, refresh, showOlder, markRead, unread: unreadCount(state), last }),
    [state, problem, refresh, showOlder, markRead, last],
  );
  return <Context value={view}>{children}</Context>;
}

/** `undefined` where nobody is signed in. */
export function useInbox(): InboxView | undefined {
  return useContext(Context);
}
