import { Gauge } from 'lucide-react';

import { Page } from '../shell/page.js';
import { Card } from '../ui/card.js';
import { EmptyState } from '../ui/empty-state.js';
import './operations.css';

export default function OperationsPage() {
  return (
    <Page title="Operations" lead="What the servers are doing now.">
      <Card className="operations">
        <EmptyState icon={Gauge} title="Nothing here yet" />
      </Card>
    </Page>
  );
}
