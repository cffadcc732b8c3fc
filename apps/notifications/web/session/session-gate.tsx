import { CloudOff, Lock } from 'lucide-react';
import { Outlet } from 'react-router';

import { Button } from '../ui/button.js';
import { EmptyState } from '../ui/empty-state.js';
import { Waiting } from '../ui/spinner.js';
import { useSession, useSessionControls } from './session-context.js';
import { SignInPage } from './sign-in-page.js';

/** Lets in who is signed in; others sign in where they are, and go on there. */
export function SessionGate() {
  const { state, refresh } = useSessionControls();
  switch (state.status) {
    case 'loading':
      return <Waiting />;
    case 'signed-in':
      // What is shown to one person is not to be seen by the next.
      return <Outlet key={state.session.id} />;
    case 'signed-out':
      return <SignInPage ended={state.ended} />;
    case 'failed':
      return (
        <main>
          <EmptyState
            icon={CloudOff}
            title="The server can’t be reached"
            action={
              <Button variant="primary" onClick={() => void refresh()}>
                Try again
              </Button>
            }
          >
            {state.message}
          </EmptyState>
        </main>
      );
  }
}

/** Lets in administrators. The server decides by itself who may do what; this only says so. */
export function AdminGate() {
  if (useSession()?.role === 'admin') {
    return <Outlet />;
  }
  return (
    <EmptyState icon={Lock} title="For administrators">
      Sign in with an administrator’s account to see this page.
    </EmptyState>
  );
}
