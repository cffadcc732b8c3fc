import { Inbox } from 'lucide-react';

import { Page } from '../shell/page.js';
import { Card } from '../ui/card.js';
import { EmptyState } from '../ui/empty-state.js';
import './inbox.css';

export default function InboxPage() {
  return (
    <Page title="Inbox" lead="What has been sent to you, and to everybody.">
      <Card className="inbox">
        <EmptyState icon={Inbox} title="Nothing here yet" />
      </Card>
    </Page>
  );
}
