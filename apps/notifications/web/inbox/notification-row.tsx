import { Check } from 'lucide-react';
import { type Ref, useId, useState } from 'react';

import type { InboxItem } from '../../src/notifications/notification.js';
import { Badge } from '../ui/badge.js';
import { IconButton } from '../ui/button.js';
import { Time } from '../ui/time.js';
import { EVERYBODY } from './everybody.js';
import { levelIcons, levelNames } from './levels.js';

export interface NotificationRowProps {
  readonly item: InboxItem;
  /** Of its sender. */
  readonly name: string;
  /** Resolves when it is marked, or somebody has been told why not. */
  readonly onRead: (id: number) => Promise<void>;
  readonly ref?: Ref<HTMLElement>;
}

/** One notification of the list; the keyboard stays at the one that it has marked. */
export function NotificationRow({ item, name, onRead, ref }: NotificationRowProps) {
  const { id, title, body, level, recipient, createdAt, read } = item;
  const titleId = useId();
  const [busy, setBusy] = useState(false);
  const Icon = levelIcons[level];
  const mark = async (row: HTMLElement | null): Promise<void> => {
    setBusy(true);
    await onRead(id);
    setBusy(false);
    // Where only unread ones are shown it has gone.
    (row?.isConnected ? row : document.querySelector<HTMLElement>('#content'))?.focus();
  };
  return (
    <article ref={ref} className="notification" data-read={read} aria-labelledby={titleId} tabIndex={-1}>
      <span className="notification-icon" data-level={level}>
        <Icon size={18} aria-hidden />
        <span className="sr-only">{levelNames[level]}</span>
      </span>
      <div className="notification-text">
        <h2 id={titleId}>
          {!read && <span className="sr-only">Unread: </span>}
          {title}
        </h2>
        {body && <p className="notification-body">{body}</p>}
        <p className="notification-about muted small">
          <span>{name}</span>
          <span aria-hidden>·</span>
          <Time date={createdAt} />
          {recipient === EVERYBODY && <Badge>Everybody</Badge>}
        </p>
      </div>
      {!read && (
        <IconButton
          icon={Check}
          size="small"
          label={`Mark “${title}” as read`}
          busy={busy}
          onClick={({ currentTarget }) => void mark(currentTarget.closest('article'))}
        />
      )}
    </article>
  );
}
