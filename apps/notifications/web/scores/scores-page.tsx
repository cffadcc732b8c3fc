import { CloudOff } from 'lucide-react';

import { LiveBadge } from '../shell/live-badge.js';
import { Page } from '../shell/page.js';
import { Button } from '../ui/button.js';
import { Card } from '../ui/card.js';
import { EmptyState } from '../ui/empty-state.js';
import { Notice } from '../ui/notice.js';
import { Skeleton } from '../ui/spinner.js';
import { MatchCard } from './match-card.js';
import { type GoalNews, matchesOf } from './scores-state.js';
import { useScores } from './use-scores.js';
import './scores.css';

export default function ScoresPage() {
  const { state, connection, load } = useScores();
  const { problem } = state;
  const matches = matchesOf(state);
  const retry = <Button onClick={load}>Try again</Button>;
  return (
    <Page
      wide
      title="Live scores"
      lead="A simulated match day, open to everybody. A minute of play takes a second."
      actions={<LiveBadge connection={connection} updatedAt={state.updatedAt} />}
    >
      {matches.length > 0 ? (
        <>
          {problem && (
            <Notice tone="danger">
              <div className="row">
                {problem}
                {retry}
              </div>
            </Notice>
          )}
          <ul className="matches" aria-label="Matches">
            {matches.map((match) => (
              <li key={match.id}>
                <MatchCard match={match} />
              </li>
            ))}
          </ul>
          <LatestGoals news={state.news} />
        </>
      ) : (
        <Card>
          {problem ? (
            <EmptyState icon={CloudOff} title="The scores can’t be loaded" action={retry}>
              {problem}
            </EmptyState>
          ) : (
            <Skeleton lines={6} />
          )}
        </Card>
      )}
    </Page>
  );
}

/** Goals alone are read out: minutes would be too much. */
function LatestGoals({ news }: { readonly news: readonly GoalNews[] }) {
  return (
    <Card title="Latest goals">
      <div role="log" aria-label="Latest goals">
        <ul className="goals">
          {news.map(({ key, minute, text }) => (
            <li key={key}>
              <span className="goals-minute figures muted">{minute}′</span>
              {text}
            </li>
          ))}
        </ul>
      </div>
      {news.length === 0 && <p className="muted">Goals appear here as they fall.</p>}
    </Card>
  );
}
