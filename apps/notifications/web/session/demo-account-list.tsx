import { useEffect, useState } from 'react';

import { request } from '../http.js';
import { Avatar } from '../ui/avatar.js';
import type { DemoAccounts, Session } from './session.js';

export interface DemoAccountListProps {
  readonly onPick: (account: Session, password: string) => void;
}

/** The accounts to try it with, where there are any; one click fills in the form. */
export function DemoAccountList({ onPick }: DemoAccountListProps) {
  const [{ accounts, password = '' }, setDemo] = useState<DemoAccounts>({ accounts: [] });
  useEffect(() => {
    const leaving = new AbortController();
    request<DemoAccounts>('GET', '/session/demo-accounts', { signal: leaving.signal }).then(
      setDemo,
      // Without them people sign in by hand, and are told then if the server is away.
      () => undefined,
    );
    return () => leaving.abort();
  }, []);
  if (accounts.length === 0) {
    return null;
  }
  return (
    <section className="demo" aria-labelledby="demo-title">
      <h2 id="demo-title">Demo accounts</h2>
      <p className="field-hint">Choose one to fill in the form.</p>
      <ul className="demo-list">
        {accounts.map((account) => (
          <li key={account.id}>
            <button type="button" className="demo-account" onClick={() => onPick(account, password)}>
              <Avatar name={account.name} />
              <span className="demo-name">
                {account.name}
                {account.role === 'admin' && <span className="muted small">Administrator</span>}
              </span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
