import { useCallback, useEffect, useState } from 'react';

import type { Import } from '../../src/imports/import.js';
import { messageOf, request } from '../http.js';

export interface Imports {
  /** Latest first; `undefined` until they are known. */
  readonly imports: readonly Import[] | undefined;
  readonly error: string | undefined;
  readonly refresh: () => Promise<void>;
}

/** What the user has imported, as it was when it was last asked for. */
export function useImports(): Imports {
  const [imports, setImports] = useState<readonly Import[]>();
  const [error, setError] = useState<string>();
  const refresh = useCallback((): Promise<void> => {
    const known = (loaded: readonly Import[]): void => {
      setImports(loaded);
      setError(undefined);
    };
    const failed = (failure: unknown): void => setError(messageOf(failure));
    return request<Import[]>('GET', '/imports').then(known, failed);
  }, []);
  useEffect(() => {
    void refresh();
  }, [refresh]);
  return { imports, error, refresh };
}
