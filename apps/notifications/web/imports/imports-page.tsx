import { Upload } from 'lucide-react';

import { Page } from '../shell/page.js';
import { Card } from '../ui/card.js';
import { EmptyState } from '../ui/empty-state.js';
import './imports.css';

export default function ImportsPage() {
  return (
    <Page title="Import" lead="Send many notifications from one file.">
      <Card className="imports">
        <EmptyState icon={Upload} title="Nothing here yet" />
      </Card>
    </Page>
  );
}
