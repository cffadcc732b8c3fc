import type { Match, Side } from '../../src/scores/match.js';
import { Badge } from '../ui/badge.js';
import { clockOf, isFresh, isPlayed, lastEventOf } from './match-view.js';
import { scoreOf } from './scores-state.js';

export function MatchCard({ match }: { readonly match: Match }) {
  const score = scoreOf(match);
  const played = isPlayed(match);
  return (
    <article className="match" data-phase={match.phase} aria-label={`${match.home} against ${match.away}`}>
      <div className="match-head">
        <Badge tone={played ? 'accent' : 'neutral'}>
          {played && <span className="match-pulse" aria-hidden />}
          {clockOf(match)}
        </Badge>
      </div>
      <Team match={match} side="home" goals={score.home} other={score.away} />
      <Team match={match} side="away" goals={score.away} other={score.home} />
      <p className="match-last muted small">{lastEventOf(match)}</p>
    </article>
  );
}

interface TeamProps {
  readonly match: Match;
  readonly side: Side;
  readonly goals: number;
  readonly other: number;
}

function Team({ match, side, goals, other }: TeamProps) {
  const isBehind = match.phase === 'full-time' && goals < other;
  return (
    <div className="match-team" data-behind={isBehind} data-fresh={isFresh(match, side)}>
      <span className="match-name">{match[side]}</span>
      {/* Another element for another score: the animation begins anew. */}
      <span className="match-score figures" key={goals}>
        {match.phase === 'scheduled' ? '–' : goals}
      </span>
    </div>
  );
}
