import type { Goal, Match } from '../../src/scores/match.js';
import type { ScoreEvents, Scores } from '../../src/scores/score-events.js';

/** A goal that fell while the page was open. */
export interface GoalNews {
  /** Of no other goal. */
  readonly key: string;
  readonly minute: number;
  readonly text: string;
}

export interface ScoresState {
  /** By the matches' ids: what is known of each, and as of which tick. */
  readonly known: Readonly<Record<string, { readonly tick: number; readonly match: Match }>>;
  /** The latest first. */
  readonly news: readonly GoalNews[];
  /** When something came from the server last; milliseconds since the Unix epoch, `undefined`: nothing yet. */
  readonly updatedAt: number | undefined;
  /** Why the scores could not be loaded, when they were asked for last. */
  readonly problem: string | undefined;
}

export type ScoresAction =
  | { readonly type: 'failed'; readonly message: string }
  | { readonly type: 'loaded'; readonly scores: Scores; readonly at: number }
  | { readonly type: 'told'; readonly event: ScoreEvents['score']; readonly at: number };

const NEWS = 4;

export const nothingKnown: ScoresState = { known: {}, news: [], updatedAt: undefined, problem: undefined };

/** Of each match the latest tick counts, in whatever order and however often they come. */
export function scoresReducer(state: ScoresState, action: ScoresAction): ScoresState {
  switch (action.type) {
    case 'failed':
      return { ...state, problem: action.message };
    case 'loaded': {
      const { tick, matches } = action.scores;
      const known = matches.reduce((all, match) => withMatch(all, tick, match), state.known);
      return { ...state, known, updatedAt: action.at, problem: undefined };
    }
    case 'told': {
      const { tick, match } = action.event;
      const known = withMatch(state.known, tick, match);
      const news =
        known === state.known
          ? []
          : newGoals(state.known[match.id]?.match, match).toReversed().map(newsOf(tick, match));
      return { ...state, known, news: [...news, ...state.news].slice(0, NEWS), updatedAt: action.at };
    }
  }
}

/** In the order of the programme. */
export function matchesOf({ known }: ScoresState): Match[] {
  return Object.values(known)
    .map(({ match }) => match)
    .toSorted((one, other) => Number(one.id) - Number(other.id));
}

export function scoreOf({ goals }: Match): { readonly home: number; readonly away: number } {
  const home = goals.filter(({ side }) => side === 'home').length;
  return { home, away: goals.length - home };
}

function withMatch(known: ScoresState['known'], tick: number, match: Match): ScoresState['known'] {
  return tick > (known[match.id]?.tick ?? -1) ? { ...known, [match.id]: { tick, match } } : known;
}

/** Nothing where it is another match, or there was none to compare it with. */
function newGoals(before: Match | undefined, match: Match): readonly Goal[] {
  const isSame = before?.home === match.home && before.away === match.away;
  return isSame ? match.goals.slice(before.goals.length) : [];
}

const newsOf =
  (tick: number, match: Match) =>
  ({ side, minute }: Goal): GoalNews => {
    const { home, away } = scoreOf(match);
    return {
      key: `${tick}-${match.id}-${minute}`,
      minute,
      text: `Goal for ${match[side]}: ${match.home} ${home}, ${match.away} ${away}`,
    };
  };
