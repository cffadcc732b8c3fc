import type { Match, Side } from '../../src/scores/match.js';

/** Minutes for which a goal is marked. */
const FRESH = 4;

export function isPlayed({ phase }: Match): boolean {
  return phase === 'first-half' || phase === 'second-half';
}

export function clockOf({ phase, minute }: Match): string {
  switch (phase) {
    case 'scheduled':
      return 'Starts soon';
    case 'half-time':
      return 'Half-time';
    case 'full-time':
      return 'Full time';
    case 'first-half':
    case 'second-half':
      return `${minute}′`;
  }
}

/** Whether the side has scored a moment ago. */
export function isFresh(match: Match, side: Side): boolean {
  return (
    isPlayed(match) && match.goals.some((goal) => goal.side === side && match.minute - goal.minute < FRESH)
  );
}

/** What happened last. */
export function lastEventOf(match: Match): string {
  const { phase, goals } = match;
  const goal = goals.at(-1);
  if (goal) {
    return `Last goal: ${match[goal.side]}, ${goal.minute}′`;
  }
  return phase === 'scheduled' ? 'Not kicked off yet' : 'No goals';
}
