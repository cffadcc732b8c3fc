import { Activity } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { Link } from 'react-router';

import { messageOf } from '../http.js';
import { useHeading } from '../shell/heading.js';
import { ThemePicker } from '../shell/theme-picker.js';
import { Button } from '../ui/button.js';
import { TextField } from '../ui/field.js';
import { Notice } from '../ui/notice.js';
import { DemoAccountList } from './demo-account-list.js';
import { useSessionControls } from './session-context.js';
import './sign-in.css';

export function SignInPage({ ended }: { readonly ended: boolean }) {
  const { signIn } = useSessionControls();
  const [userId, setUserId] = useState('');
  const [password, setPassword] = useState('');
  const [error, setError] = useState<string>();
  const [busy, setBusy] = useState(false);
  const heading = useHeading();

  async function submit(event: FormEvent): Promise<void> {
    event.preventDefault();
    setBusy(true);
    setError(undefined);
    try {
      await signIn(userId, password);
    } catch (failure) {
      setError(messageOf(failure));
    } finally {
      setBusy(false);
    }
  }

  return (
    <main className="sign-in">
      <title>Sign in · Nestcast</title>
      <div className="sign-in-card">
        <img src="/favicon.svg" width="40" height="40" alt="" />
        <h1 ref={heading} tabIndex={-1}>
          Sign in to Nestcast
        </h1>
        <p className="sign-in-lead">Everything that happens, as it happens.</p>
        {ended && <Notice tone="info">You were signed out. Sign in to go on.</Notice>}
        {error && <Notice tone="danger">{error}</Notice>}
        <form className="sign-in-form" onSubmit={(event) => void submit(event)}>
          <TextField
            label="User name"
            name="userId"
            autoComplete="username"
            autoCapitalize="none"
            spellCheck={false}
            required
            value={userId}
            onChange={({ target }) => setUserId(target.value)}
          />
          <TextField
            label="Password"
            name="password"
            type="password"
            autoComplete="current-password"
            required
            value={password}
            onChange={({ target }) => setPassword(target.value)}
          />
          <Button type="submit" variant="primary" wide busy={busy}>
            Sign in
          </Button>
        </form>
        <DemoAccountList
          onPick={(account, demoPassword) => {
            setUserId(account.id);
            setPassword(demoPassword);
          }}
        />
      </div>
      <footer className="sign-in-foot">
        <Link to="/live" className="sign-in-live">
          <Activity size={16} aria-hidden />
          Watch the live scores
        </Link>
        <ThemePicker />
      </footer>
    </main>
  );
}
