import { ChevronsUpDown, LogOut, UserRound } from 'lucide-react';
import { type ReactNode, useId } from 'react';
import { Link } from 'react-router';

import { messageOf } from '../http.js';
import type { Session } from '../session/session.js';
import { useSessionControls } from '../session/session-context.js';
import { Avatar } from '../ui/avatar.js';
import { Button } from '../ui/button.js';
import './account-menu.css';
import { ThemePicker } from './theme-picker.js';
import { useToast } from './toasts.js';

/** Who is signed in, and the way out; the theme, for everybody. */
export function AccountMenu({ session }: { readonly session: Session | undefined }) {
  return session ? (
    <Menu
      face={
        <>
          <Avatar name={session.name} />
          <span className="account-who">
            <span className="account-name">{session.name}</span>
            <span className="muted small">{session.role === 'admin' ? 'Administrator' : 'Member'}</span>
          </span>
        </>
      }
    >
      <SignOut />
    </Menu>
  ) : (
    <Menu
      face={
        <>
          <UserRound size={18} aria-hidden />
          <span className="account-who">Not signed in</span>
        </>
      }
    >
      <Link className="button button-primary button-wide" to="/">
        Sign in
      </Link>
    </Menu>
  );
}

/** The browser shows it, hides it on Escape or a click elsewhere, and gives the focus back. */
function Menu({ face, children }: { readonly face: ReactNode; readonly children: ReactNode }) {
  const id = useId();
  return (
    <div className="account">
      <button type="button" className="account-button" popoverTarget={id}>
        <span className="sr-only">Account: </span>
        {face}
        <ChevronsUpDown className="account-chevron" size={16} aria-hidden />
      </button>
      <div className="account-menu" id={id} popover="auto">
        <div className="account-theme">
          <p className="muted small" aria-hidden>
            Theme
          </p>
          <ThemePicker />
        </div>
        {children}
      </div>
    </div>
  );
}

function SignOut() {
  const { signOut, signOutEverywhere } = useSessionControls();
  const toast = useToast();
  const tell = (error: unknown): void =>
    toast({ level: 'error', title: 'You are still signed in', detail: messageOf(error) });
  return (
    <>
      <Button variant="quiet" wide icon={LogOut} onClick={() => void signOut().catch(tell)}>
        Sign out
      </Button>
      <Button variant="quiet" wide icon={LogOut} onClick={() => void signOutEverywhere().catch(tell)}>
        Sign out everywhere
      </Button>
    </>
  );
}
