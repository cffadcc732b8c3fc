import {
  type ReactNode,
  createContext,
  useCallback,
  useContext,
  useEffect,
  useMemo,
  useReducer,
  useRef,
} from 'react';

import { ApiError, messageOf, onUnauthorized, request } from '../http.js';
import { type Session, type SessionState, sessionReducer } from './session.js';

export interface SessionControls {
  readonly state: SessionState;
  /** @throws ApiError 401 for a wrong name or password */
  readonly signIn: (userId: string, password: string) => Promise<void>;
  /** @throws ApiError */
  readonly signOut: () => Promise<void>;
  /** In every browser. @throws ApiError */
  readonly signOutEverywhere: () => Promise<void>;
  /** Asks the server who is signed in. */
  readonly refresh: () => Promise<void>;
}

/** Written when someone has signed in or out, for the other tabs: they share the cookie. */
const CHANGED = 'session-changed';
const Context = createContext<SessionControls | undefined>(undefined);

export function SessionProvider({ children }: { readonly children: ReactNode }) {
  const [state, dispatch] = useReducer(sessionReducer, { status: 'loading' });
  /** Taken back when who is signed in is asked again, or nobody is any more: its answer may come later, and be of before. */
  const question = useRef<AbortController>(undefined);

  const refresh = useCallback(async (): Promise<void> => {
    question.current?.abort();
    const { signal } = (question.current = new AbortController());
    dispatch({ type: 'asked' });
    try {
      const session = await request<Session>('GET', '/session', { signal });
      dispatch({ type: 'known', session });
    } catch (error) {
      if (!signal.aborted && !(error instanceof ApiError && error.status === 401)) {
        dispatch({ type: 'failed', message: messageOf(error) });
      }
    }
  }, []);

  const leave = useCallback(async (path: string): Promise<void> => {
    await request('DELETE', path);
    question.current?.abort();
    dispatch({ type: 'left' });
    tellOtherTabs();
  }, []);

  useEffect(() => {
    const stop = onUnauthorized(() => dispatch({ type: 'unauthorized' }));
    const changed = ({ key }: StorageEvent): void => {
      if (key === CHANGED) {
        void refresh();
      }
    };
    window.addEventListener('storage', changed);
    void refresh();
    return () => {
      stop();
      window.removeEventListener('storage', changed);
    };
  }, [refresh]);

  const controls = useMemo<SessionControls>(
    () => ({
      state,
      refresh,
      signIn: async (userId, password) => {
        await request('POST', '/session', { body: { userId, password } });
        await refresh();
        tellOtherTabs();
      },
      signOut: () => leave('/session'),
      signOutEverywhere: () => leave('/session/everywhere'),
    }),
    [state, refresh, leave],
  );
  return <Context value={controls}>{children}</Context>;
}

export function useSessionControls(): SessionControls {
  const controls = useContext(Context);
  if (!controls) {
    throw new Error('useSessionControls() is called outside of <SessionProvider>.');
  }
  return controls;
}

/** Who is signed in; `undefined`: nobody, or it isn't known yet. */
export function useSession(): Session | undefined {
  const { state } = useSessionControls();
  return state.status === 'signed-in' ? state.session : undefined;
}

function tellOtherTabs(): void {
  try {
    localStorage.setItem(CHANGED, crypto.randomUUID());
  } catch {
    // Storage is blocked: the other tabs learn it from their next answer.
  }
}
