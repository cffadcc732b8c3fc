import { useSse } from '@nestcast/client/react';
import { useCallback, useEffect, useReducer, useState } from 'react';

import type { ImportEvents } from '../../src/imports/import-events.js';
import type { Import, ImportDetails } from '../../src/imports/import.js';
import { messageOf, request } from '../http.js';
import { type ImportAction, type ImportView, importReducer, isOver, viewOf } from './import-view.js';

export interface FollowedImport {
  readonly view: ImportView;
  /** Why it can't be followed, or be asked for. */
  readonly error: string | undefined;
}

/** An import, kept up to date until it ends. */
export function useImport(known: Import): FollowedImport {
  const [view, dispatch] = useReducer(importReducer, known, viewOf);
  const [error, setError] = useState<string>();
  const { id } = known;

  const refresh = useCallback((): Promise<void> => {
    const fetched = (details: ImportDetails): void => {
      dispatch({ type: 'fetched', details });
      setError(undefined);
    };
    const failed = (failure: unknown): void => setError(messageOf(failure));
    return request<ImportDetails>('GET', `/imports/${id}`).then(fetched, failed);
  }, [id]);
  useEffect(() => {
    void refresh();
  }, [refresh]);

  const hear = (action: ImportAction): void => dispatch(action);
  useSse<ImportEvents>(isOver(view) ? undefined : `/imports/${id}/stream`, {
    on: {
      progress: ({ data }) => hear({ type: 'progress', data }),
      problem: ({ data }) => hear({ type: 'problem', data }),
      completed: ({ data }) => hear({ type: 'completed', data }),
      cancelled: ({ data }) => hear({ type: 'cancelled', data }),
      failed: ({ data }) => hear({ type: 'failed', data }),
      'sse:gap': () => void refresh(),
      // Also of a stream that can't be opened: what the import has come to is in the answer.
      error: () => void refresh(),
    },
  });
  return { view, error };
}
