import { CheckCheck, Inbox } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';

import { messageOf } from '../http.js';
import { useToast } from '../shell/toasts.js';
import { Button } from '../ui/button.js';
import { EmptyState } from '../ui/empty-state.js';
import type { InboxView } from './inbox-context.js';
import { visible } from './inbox-state.js';
import { NotificationRow } from './notification-row.js';

export type Filter = 'all' | 'unread';

export interface InboxListProps {
  readonly inbox: InboxView;
  readonly filter: Filter;
  readonly nameOf: (userId: string) => string;
}

/** The notifications that are there, and the way to older ones. */
export function InboxList({ inbox: { state, unread, markRead, showOlder }, filter, nameOf }: InboxListProps) {
  const toast = useToast();
  const items = visible(state).filter(({ read }) => filter === 'all' || !read);
  const { show, busy, below, target } = useOlder(items.at(-1)?.id, showOlder);
  const firstOlder = below === undefined ? undefined : items.find(({ id }) => id < below)?.id;
  const read = async (id: number): Promise<void> => {
    try {
      await markRead({ ids: [id] });
    } catch (error) {
      toast({ level: 'error', title: messageOf(error) });
    }
  };
  return (
    <div className="inbox">
      {items.length === 0 ? (
        <Nothing filter={filter} hidden={unread} />
      ) : (
        <ul className="inbox-list">
          {items.map((item) => (
            <li key={item.id}>
              <NotificationRow
                item={item}
                name={nameOf(item.sender)}
                onRead={read}
                ref={item.id === firstOlder ? target : undefined}
              />
            </li>
          ))}
        </ul>
      )}
      {state.oldest !== null && (
        <div className="inbox-older">
          <Button busy={busy} onClick={() => void show()}>
            Show older
          </Button>
        </div>
      )}
    </div>
  );
}

/** @param hidden how many unread ones there are that aren't shown yet */
function Nothing({ filter, hidden }: { readonly filter: Filter; readonly hidden: number }) {
  if (filter === 'all') {
    return (
      <EmptyState icon={Inbox} title="Nothing here yet">
        What is sent to you appears here, as it happens.
      </EmptyState>
    );
  }
  return (
    <EmptyState icon={CheckCheck} title={hidden === 0 ? 'All read' : 'None among these'}>
      {hidden === 0 ? 'You have seen everything.' : 'The unread ones are older.'}
    </EmptyState>
  );
}

/** Where older ones are shown, the keyboard goes on at the first of them. */
function useOlder(lastId: number | undefined, showOlder: () => Promise<void>) {
  const toast = useToast();
  const [busy, setBusy] = useState(false);
  const [below, setBelow] = useState<number>();
  const target = useRef<HTMLElement>(null);
  const show = async (): Promise<void> => {
    setBusy(true);
    try {
      await showOlder();
      setBelow(lastId);
    } catch (error) {
      toast({ level: 'error', title: messageOf(error) });
    } finally {
      setBusy(false);
    }
  };
  useEffect(() => {
    if (below !== undefined) {
      target.current?.focus();
    }
  }, [below]);
  return { show, busy, below, target };
}
