import { useSse } from '@nestcast/client/react';
import { useReducer } from 'react';

import type { OperationsEvents } from '../../src/operations/operations-events.js';
import { LiveBadge } from '../shell/live-badge.js';
import { Page } from '../shell/page.js';
import { Card } from '../ui/card.js';
import { Notice } from '../ui/notice.js';
import { Skeleton } from '../ui/spinner.js';
import { closeNames, refusalNames } from './count-names.js';
import { CountList } from './count-list.js';
import { countsOf, figuresReducer, noFigures, nodesOf } from './figures-state.js';
import { NodesTable } from './nodes-table.js';
import './operations.css';
import { SummaryCards } from './summary-cards.js';
import { TestEventForm } from './test-event-form.js';
import { UserConnections } from './user-connections.js';

export default function OperationsPage() {
  const [{ heard, history }, dispatch] = useReducer(figuresReducer, noFigures);
  const connection = useSse<OperationsEvents>('/operations/stream', {
    on: { 'node.figures': ({ data }) => dispatch({ figures: data, at: Date.now() }) },
  });
  const nodes = nodesOf(heard);
  const updatedAt = nodes.length > 0 ? Math.max(...Object.values(heard).map(({ at }) => at)) : undefined;
  return (
    <Page
      wide
      title="Operations"
      lead="What the servers are doing now."
      actions={<LiveBadge connection={connection} updatedAt={updatedAt} />}
    >
      {connection.status === 'closed' && connection.error && (
        <Notice tone="danger">The figures can’t be shown: the server has refused them.</Notice>
      )}
      {nodes.length > 0 ? (
        <>
          <SummaryCards history={history} />
          <NodesTable nodes={nodes} />
          <div className="columns">
            <CountList
              title="Refused"
              none="Nobody was refused a stream since the servers started."
              counts={countsOf(nodes, 'refusals')}
              names={refusalNames}
            />
            <CountList
              title="Ended"
              none="No stream has ended since the servers started."
              counts={countsOf(nodes, 'closes')}
              names={closeNames}
            />
          </div>
        </>
      ) : (
        <Card>
          <Skeleton lines={5} />
        </Card>
      )}
      <div className="columns">
        <UserConnections />
        <TestEventForm />
      </div>
    </Page>
  );
}
