import { Activity, Gauge, Inbox, type LucideIcon, Sparkles, Upload } from 'lucide-react';
import { NavLink } from 'react-router';

import { useInbox } from '../inbox/inbox-context.js';
import type { Session } from '../session/session.js';
import { Badge } from '../ui/badge.js';

interface Destination {
  readonly path: string;
  readonly label: string;
  readonly icon: LucideIcon;
  readonly who: 'everybody' | 'member' | 'admin';
}

const destinations: readonly Destination[] = [
  { path: '/', label: 'Inbox', icon: Inbox, who: 'member' },
  { path: '/ask', label: 'Assistant', icon: Sparkles, who: 'member' },
  { path: '/upload', label: 'Import', icon: Upload, who: 'member' },
  { path: '/live', label: 'Live scores', icon: Activity, who: 'everybody' },
  { path: '/ops', label: 'Operations', icon: Gauge, who: 'admin' },
];

/** More digits would have no room. */
const MOST_SHOWN = 99;

/** The way to all pages that one may see: at the side, and on a phone at the bottom. */
export function Navigation({ session }: { readonly session: Session | undefined }) {
  const unread = useInbox()?.unread ?? 0;
  const shown = destinations.filter(
    ({ who }) =>
      who === 'everybody' || session?.role === 'admin' || (who === 'member' && session !== undefined),
  );
  return (
    <nav className="navigation" aria-label="Pages">
      <ul>
        {shown.map(({ path, label, icon: Icon }) => (
          <li key={path}>
            <NavLink to={path} end>
              <Icon size={18} aria-hidden />
              {label}
              {path === '/' && unread > 0 && (
                <Badge tone="accent">
                  {unread > MOST_SHOWN ? `${MOST_SHOWN}+` : unread}
                  <span className="sr-only"> unread</span>
                </Badge>
              )}
            </NavLink>
          </li>
        ))}
      </ul>
    </nav>
  );
}
