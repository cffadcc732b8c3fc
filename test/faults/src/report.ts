import type { Ledger } from './ledger.js';
import type { Listener } from './listener.js';
import { judge } from './verdict.js';

/** What a round has come to. */
export interface RoundReport {
  readonly fault: string;
  readonly counts: Counts;
  /** What went wrong, an explanation each. None: nothing did. */
  readonly complaints: readonly string[];
  readonly tookMs: number;
}

/** Over all clients. */
export interface Counts {
  readonly published: number;
  readonly acknowledged: number;
  readonly rejected: number;
  /** Their node has died before it answered. */
  readonly unanswered: number;
  readonly delivered: number;
  /** Acknowledged, and neither delivered nor told of. */
  readonly lost: number;
  readonly doubled: number;
  readonly outOfOrder: number;
  readonly gaps: number;
  /** Not delivered, and told of by a gap. */
  readonly told: number;
  readonly reconnects: number;
}

const ONE_REJECTION = 'BROKER_UNAVAILABLE';

export interface RoundOutcome {
  readonly fault: string;
  readonly ledger: Ledger;
  readonly listeners: readonly Listener[];
  /** What went wrong on the way. */
  readonly complaints: readonly string[];
  readonly tookMs: number;
}

export function reportOf({ fault, ledger, listeners, complaints, tookMs }: RoundOutcome): RoundReport {
  const receptions = listeners.map((listener) => listener.reception());
  const verdicts = receptions.map((reception) => judge(reception, ledger));
  const lost = verdicts.flatMap((verdict) => verdict.lost);
  const doubled = verdicts.flatMap((verdict) => verdict.doubled);
  const outOfOrder = [
    ...verdicts.flatMap((verdict) => verdict.outOfOrder),
    ...ledger.misplaced.map(({ number, id }) => `${number} was acknowledged as ${id}, before earlier ones`),
  ];
  const strange = [...ledger.rejections].filter(([code]) => code !== ONE_REJECTION);
  return {
    fault,
    counts: {
      published: ledger.publications.length,
      acknowledged: ledger.count('acknowledged'),
      rejected: ledger.count('rejected'),
      unanswered: ledger.count('unanswered'),
      delivered: sum(receptions.map(({ deliveries }) => deliveries.length)),
      lost: lost.length,
      doubled: doubled.length,
      outOfOrder: outOfOrder.length,
      gaps: sum(receptions.map(({ gaps }) => gaps.length)),
      told: sum(verdicts.map(({ excused }) => excused)),
      reconnects: sum(listeners.map(({ reconnects }) => reconnects)),
    },
    complaints: [
      ...complaints,
      ...grouped('Lost', lost),
      ...grouped('Doubled', doubled),
      ...grouped('Out of order', outOfOrder),
      ...strange.map(([code, times]) => `Publishing failed ${times} times with ${code}`),
    ],
    tookMs,
  };
}

/** All rounds as one. */
export function total(reports: readonly RoundReport[]): Counts {
  const all = (name: keyof Counts): number => sum(reports.map(({ counts }) => counts[name]));
  return {
    published: all('published'),
    acknowledged: all('acknowledged'),
    rejected: all('rejected'),
    unanswered: all('unanswered'),
    delivered: all('delivered'),
    lost: all('lost'),
    doubled: all('doubled'),
    outOfOrder: all('outOfOrder'),
    gaps: all('gaps'),
    told: all('told'),
    reconnects: all('reconnects'),
  };
}

/** One line, for people. */
export function lineOf(counts: Counts): string {
  const { published, acknowledged, rejected, unanswered, delivered } = counts;
  const { lost, doubled, outOfOrder, gaps, told, reconnects } = counts;
  return [
    `${amount(published)} published (${amount(acknowledged)} acknowledged, ${amount(rejected)} rejected, ${amount(unanswered)} unanswered)`,
    `${amount(delivered)} delivered`,
    `${amount(lost)} lost`,
    `${amount(doubled)} doubled`,
    `${amount(outOfOrder)} out of order`,
    `${amount(gaps)} gaps told of ${amount(told)} deliveries`,
    `${amount(reconnects)} reconnects`,
  ].join(', ');
}

/** What several clients complain of in the same words is one complaint. */
function grouped(what: string, complaints: readonly string[]): string[] {
  const clients = new Map<string, number>();
  for (const complaint of complaints) {
    clients.set(complaint, (clients.get(complaint) ?? 0) + 1);
  }
  return [...clients].map(([complaint, count]) => `${what}: ${complaint}, ${count} times`);
}

const sum = (numbers: readonly number[]): number => numbers.reduce((one, other) => one + other, 0);
const amount = (count: number): string => count.toLocaleString('en');
