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
  const refresh = useCallback(async (): Promise<void> => {
    try {
      setImports(await request<Import[]>('GET', '/imports'));
      setError(undefined);
    } catch (failure) {
      setError(messageOf(failure));
    }
  }, []);
  useEffect(() => void refresh(), [refresh]);
  return { imports, error, refresh };
}
