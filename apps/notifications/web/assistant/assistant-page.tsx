import { Sparkles } from 'lucide-react';

import { Page } from '../shell/page.js';
import { Card } from '../ui/card.js';
import { EmptyState } from '../ui/empty-state.js';
import './assistant.css';

export default function AssistantPage() {
  return (
    <Page title="Assistant" lead="Ask, and read the answer while it is written.">
      <Card className="assistant">
        <EmptyState icon={Sparkles} title="Nothing here yet" />
      </Card>
    </Page>
  );
}
