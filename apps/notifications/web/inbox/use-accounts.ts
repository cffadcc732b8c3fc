import { useEffect, useState } from 'react';

import type { Account } from '../../src/accounts/account.js';
import { messageOf } from '../http.js';
import { fetchAccounts } from './inbox-requests.js';

export interface AccountList {
  /** `undefined` until they are there. */
  readonly accounts: readonly Account[] | undefined;
  /** Why they can't be had. */
  readonly problem: string | undefined;
}

/** Everybody with an account, as of when the component was mounted. */
export function useAccounts(): AccountList {
  const [accounts, setAccounts] = useState<readonly Account[]>();
  const [problem, setProblem] = useState<string>();
  useEffect(() => {
    const controller = new AbortController();
    fetchAccounts(controller.signal).then(setAccounts, (error: unknown) => {
      if (!controller.signal.aborted) {
        setProblem(messageOf(error));
      }
    });
    return () => controller.abort();
  }, []);
  return { accounts, problem };
}
