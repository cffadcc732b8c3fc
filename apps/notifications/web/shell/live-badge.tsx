import type { ConnectionState } from '@nestcast/client';

import { Badge, type BadgeProps } from '../ui/badge.js';
import { useNow } from '../ui/use-now.js';
import { type ConnectionView, connectionView } from './connection-view.js';
import { useOnline } from './use-online.js';

const SECOND_MS = 1_000;
const tones: Readonly<Record<ConnectionView['state'], BadgeProps['tone']>> = {
  live: 'success',
  connecting: 'neutral',
  reconnecting: 'warning',
  offline: 'warning',
  refused: 'warning',
  'signed-out': 'danger',
  closed: 'danger',
};

export interface LiveBadgeProps {
  /** Of a page's own stream. */
  readonly connection: ConnectionState;
  /** When something came last; milliseconds since the Unix epoch. */
  readonly updatedAt: number | undefined;
}

/** Whether a page is up to date, and since when it isn't. Changes are read out, the seconds are not. */
export function LiveBadge({ connection, updatedAt }: LiveBadgeProps) {
  const online = useOnline();
  const now = useNow(SECOND_MS);
  const { state, label } = connectionView(connection, online, now);
  return (
    <div className="row">
      <span aria-hidden>
        <Badge tone={tones[state]}>{label}</Badge>
      </span>
      <span className="sr-only" role="status">
        {`This page: ${label.replace(/ in \d+ s$/, '')}`}
      </span>
      {updatedAt !== undefined && (
        <span className="muted small figures">{updatedText((now - updatedAt) / SECOND_MS)}</span>
      )}
    </div>
  );
}

function updatedText(seconds: number): string {
  return seconds < 2 ? 'Updated just now' : `Updated ${Math.floor(seconds)} s ago`;
}
