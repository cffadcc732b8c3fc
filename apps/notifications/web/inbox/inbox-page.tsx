import { CheckCheck, PenLine } from 'lucide-react';
import { useState } from 'react';

import { messageOf } from '../http.js';
import { Page } from '../shell/page.js';
import { useToast } from '../shell/toasts.js';
import { Button } from '../ui/button.js';
import { Notice } from '../ui/notice.js';
import { Segmented } from '../ui/segmented.js';
import { Waiting } from '../ui/spinner.js';
import './inbox.css';
import { type InboxView, useInbox } from './inbox-context.js';
import { type Filter, InboxList } from './inbox-list.js';
import { visible } from './inbox-state.js';
import { SendDialog } from './send-dialog.js';
import { useAccounts } from './use-accounts.js';

export default function InboxPage() {
  const inbox = useInbox();
  return inbox && <InboxContent inbox={inbox} />;
}

const filters = [
  { value: 'all', label: 'All' },
  { value: 'unread', label: 'Unread' },
] as const;

function InboxContent({ inbox }: { readonly inbox: InboxView }) {
  const { state, unread, problem, last, refresh } = inbox;
  const { accounts = [], problem: accountsProblem } = useAccounts();
  const [filter, setFilter] = useState<Filter>('all');
  const [writing, setWriting] = useState(false);
  const nameOf = (id: string): string => accounts.find((account) => account.id === id)?.name ?? id;
  return (
    <Page
      title="Inbox"
      lead="What was sent to you, and to everybody."
      actions={
        <Button variant="primary" icon={PenLine} onClick={() => setWriting(true)}>
          Write
        </Button>
      }
    >
      {problem && (
        <Notice tone="danger">
          {problem}{' '}
          <Button size="small" onClick={refresh}>
            Try again
          </Button>
        </Notice>
      )}
      {accountsProblem && <Notice tone="warning">{accountsProblem}</Notice>}
      <div className="inbox-bar">
        <Segmented<Filter> legend="Show" options={filters} value={filter} onChange={setFilter} />
        <p className="muted small figures">{unread === 0 ? 'All read' : `${unread} unread`}</p>
        {unread > 0 && <MarkAll inbox={inbox} />}
      </div>
      <p className="sr-only" role="status">
        {last && `New from ${nameOf(last.sender)}: ${last.title}`}
      </p>
      {state.oldest === undefined ? (
        !problem && <Waiting />
      ) : (
        <InboxList inbox={inbox} filter={filter} nameOf={nameOf} />
      )}
      {writing && <SendDialog accounts={accounts} onClose={() => setWriting(false)} />}
    </Page>
  );
}

/** All that there are, shown or not: up to the latest that is known. */
function MarkAll({ inbox: { state, markRead } }: { readonly inbox: InboxView }) {
  const toast = useToast();
  const [busy, setBusy] = useState(false);
  const [latest] = visible(state);
  const mark = async (): Promise<void> => {
    if (latest === undefined) {
      return;
    }
    setBusy(true);
    try {
      await markRead({ upTo: latest.id });
      // The button goes away with what is unread.
      document.querySelector<HTMLElement>('#content')?.focus();
    } catch (error) {
      toast({ level: 'error', title: messageOf(error) });
    } finally {
      setBusy(false);
    }
  };
  return (
    <Button variant="quiet" size="small" icon={CheckCheck} busy={busy} onClick={() => void mark()}>
      Mark all as read
    </Button>
  );
}
