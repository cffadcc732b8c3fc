import type { Goal, Match, Phase } from './match.js';

/** A number from 0 up to 1, the next one at each call. */
export type Random = () => number;

/** Matches that are played at the same time; a tick is a minute of play. Plain data, as the database keeps it. */
export interface MatchDay {
  /** From 1 on. */
  readonly day: number;
  /** How many ticks ago it began. */
  readonly age: number;
  /** In the order of their kick-offs. */
  readonly matches: readonly Match[];
}

const TEAMS = [
  'Harbour City',
  'Northgate',
  'River Vale',
  'Old Mill',
  'Westbrook',
  'Lakeside',
  'Summit Park',
  'Stonebridge',
  'Eastfield',
  'Kingsport',
  'Green Hill',
  'Redcliff',
];
/** Ticks between two kick-offs, so that not all matches have half-time at once. */
const STAGGER = 7;
const HALF = 45;
const BREAK = 5;
const LENGTH = HALF + BREAK + HALF;
/** Ticks for which the final scores are left standing. */
const REST = 20;
const LAST_KICK_OFF = (TEAMS.length / 2 - 1) * STAGGER;
const DAY_LENGTH = LAST_KICK_OFF + LENGTH + REST;
/** Of each team, in a minute of play: some 2.6 goals a match. */
const GOAL_CHANCE = { home: 0.016, away: 0.013 };

/** A day on which nothing has been played yet, with each team in one match. */
export function newMatchDay(day: number, random: Random): MatchDay {
  const teams = shuffled(TEAMS, random);
  const matches = Array.from({ length: teams.length / 2 }, (_, index): Match => {
    const [home = '', away = ''] = teams.slice(index * 2);
    return { id: String(index + 1), home, away, phase: 'scheduled', minute: 0, goals: [] };
  });
  return { day, age: 0, matches };
}

/**
 * The day a tick later; another one when all is over and has been seen. A match that has not changed is the same object.
 *
 * @param random the same numbers make the same day
 */
export function playTick({ day, age, matches }: MatchDay, random: Random): MatchDay {
  return age >= DAY_LENGTH
    ? newMatchDay(day + 1, random)
    : {
        day,
        age: age + 1,
        matches: matches.map((match, index) => playMinute(match, age + 1 - index * STAGGER, random)),
      };
}

/** @param since ticks since the kick-off; 1 is the first minute */
function playMinute(match: Match, since: number, random: Random): Match {
  const { phase, minute } = clockAt(since);
  const isPlayed = phase === 'first-half' || phase === 'second-half';
  if (!isPlayed) {
    return phase === match.phase ? match : { ...match, phase, minute };
  }
  return { ...match, phase, minute, goals: [...match.goals, ...goalsIn(minute, random)] };
}

function clockAt(since: number): { readonly phase: Phase; readonly minute: number } {
  if (since < 1) {
    return { phase: 'scheduled', minute: 0 };
  }
  if (since <= HALF) {
    return { phase: 'first-half', minute: since };
  }
  if (since <= HALF + BREAK) {
    return { phase: 'half-time', minute: HALF };
  }
  return since <= LENGTH
    ? { phase: 'second-half', minute: since - BREAK }
    : { phase: 'full-time', minute: 2 * HALF };
}

/** One at most. */
function goalsIn(minute: number, random: Random): Goal[] {
  const chance = random();
  if (chance < GOAL_CHANCE.home) {
    return [{ minute, side: 'home' }];
  }
  return chance < GOAL_CHANCE.home + GOAL_CHANCE.away ? [{ minute, side: 'away' }] : [];
}

/** Fisher and Yates. */
function shuffled<T>(items: readonly T[], random: Random): T[] {
  const result = [...items];
  for (let last = result.length - 1; last > 0; last -= 1) {
    const other = Math.floor(random() * (last + 1));
    [result[last], result[other]] = [result[other] as T, result[last] as T];
  }
  return result;
}
