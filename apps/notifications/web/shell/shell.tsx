import { Suspense } from 'react';
import { Link, Outlet, useLocation } from 'react-router';

import { InboxProvider } from '../inbox/inbox-context.js';
import { TestEventToasts } from '../operations/test-event-toasts.js';
import { useSession } from '../session/session-context.js';
import { Waiting } from '../ui/spinner.js';
import { AccountMenu } from './account-menu.js';
import { ConnectionStatus } from './connection-status.js';
import { Navigation } from './navigation.js';
import { PageBoundary } from './page-boundary.js';
import './shell.css';
import { StreamProvider, useStream } from './stream.js';

/** What stands around each page; with the main stream, if someone is signed in. */
export function Shell() {
  const session = useSession();
  return session ? (
    <StreamProvider userId={session.id} key={session.id}>
      <TestEventToasts />
      <WithInbox userId={session.id} />
    </StreamProvider>
  ) : (
    <Frame />
  );
}

function WithInbox({ userId }: { readonly userId: string }) {
  const stream = useStream();
  return (
    stream && (
      <InboxProvider userId={userId} stream={stream}>
        <Frame />
      </InboxProvider>
    )
  );
}

function Frame() {
  const session = useSession();
  const stream = useStream();
  const { pathname } = useLocation();
  return (
    <div className="shell">
      <a className="skip-link" href="#content">
        Skip to the content
      </a>
      <header className="side">
        <Link to="/" className="brand">
          <img src="/favicon.svg" width="26" height="26" alt="" />
          <span className="brand-name">Nestcast</span>
        </Link>
        <Navigation session={session} />
        {stream && <ConnectionStatus stream={stream} />}
        <AccountMenu session={session} />
      </header>
      <main id="content" className="content" tabIndex={-1}>
        <PageBoundary key={pathname}>
          <Suspense fallback={<Waiting />}>
            <Outlet />
          </Suspense>
        </PageBoundary>
      </main>
    </div>
  );
}
