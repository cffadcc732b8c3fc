import { lazy } from 'react';
import { Navigate, Route, Routes } from 'react-router';

import { SessionProvider } from './session/session-context.js';
import { AdminGate, SessionGate } from './session/session-gate.js';
import { HeadingProvider } from './shell/heading.js';
import { Shell } from './shell/shell.js';
import { ToastProvider } from './shell/toasts.js';

const InboxPage = lazy(() => import('./inbox/inbox-page.js'));
const AssistantPage = lazy(() => import('./assistant/assistant-page.js'));
const ImportsPage = lazy(() => import('./imports/imports-page.js'));
const ScoresPage = lazy(() => import('./scores/scores-page.js'));
const OperationsPage = lazy(() => import('./operations/operations-page.js'));

/** All pages, each loaded when it is first shown. The server answers each of these paths with the same document. */
export function App() {
  return (
    <HeadingProvider>
      <ToastProvider>
        <SessionProvider>
          <Routes>
            <Route element={<SessionGate />}>
              <Route element={<Shell />}>
                <Route path="/" element={<InboxPage />} />
                <Route path="/ask" element={<AssistantPage />} />
                <Route path="/upload" element={<ImportsPage />} />
                <Route element={<AdminGate />}>
                  <Route path="/ops" element={<OperationsPage />} />
                </Route>
              </Route>
            </Route>
            <Route element={<Shell />}>
              <Route path="/live" element={<ScoresPage />} />
            </Route>
            <Route path="*" element={<Navigate to="/" replace />} />
          </Routes>
        </SessionProvider>
      </ToastProvider>
    </HeadingProvider>
  );
}
