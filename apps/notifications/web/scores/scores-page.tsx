import { Activity } from 'lucide-react';

import { Page } from '../shell/page.js';
import { Card } from '../ui/card.js';
import { EmptyState } from '../ui/empty-state.js';
import './scores.css';

export default function ScoresPage() {
  return (
    <Page title="Live scores" lead="Every goal, the moment it falls.">
      <Card className="scores">
        <EmptyState icon={Activity} title="Nothing here yet" />
      </Card>
    </Page>
  );
}
