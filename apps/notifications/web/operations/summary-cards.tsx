import { Sparkline } from '../ui/sparkline.js';
import { bytesText, durationText, numberText } from './figure-text.js';
import type { FiguresState, Totals } from './figures-state.js';

interface Summary {
  readonly name: string;
  readonly figure: (totals: Totals) => number | null;
  readonly text: (totals: Totals) => string;
  readonly more: (totals: Totals) => string;
}

const summaries: readonly Summary[] = [
  {
    name: 'Connections',
    figure: ({ connections }) => connections,
    text: ({ connections }) => numberText(connections),
    more: ({ users, lagging }) =>
      `${numberText(users)} signed in, ${lagging === 0 ? 'none' : numberText(lagging)} reading too slowly`,
  },
  {
    name: 'Events delivered a second',
    figure: ({ deliveredPerSecond }) => deliveredPerSecond,
    text: ({ deliveredPerSecond }) => numberText(deliveredPerSecond),
    more: ({ publishedPerSecond, bytesPerSecond }) =>
      `${numberText(publishedPerSecond)} published, ${bytesText(bytesPerSecond)} a second`,
  },
  {
    name: 'Time to deliver, 95 of 100',
    figure: ({ publishP95Ms }) => publishP95Ms,
    text: ({ publishP95Ms }) => durationText(publishP95Ms),
    more: ({ openP95Ms }) => `${durationText(openP95Ms)} to open a stream`,
  },
  {
    name: 'Memory',
    figure: ({ memoryBytes }) => memoryBytes,
    text: ({ memoryBytes }) => bytesText(memoryBytes),
    more: ({ outboxWaiting }) =>
      outboxWaiting === null
        ? 'The database does not answer'
        : `${numberText(outboxWaiting)} events wait to be published`,
  },
];

/** What all nodes do together, now and in the last minute. They change each second, so none is read out by itself. */
export function SummaryCards({ history }: Pick<FiguresState, 'history'>) {
  const now = history.at(-1)?.totals;
  if (!now) {
    return null;
  }
  return (
    <ul className="summaries" aria-label="All servers together">
      {summaries.map(({ name, figure, text, more }) => (
        <li key={name} className="card summary">
          <h2 className="summary-name muted">{name}</h2>
          <p className="summary-figure figures">{text(now)}</p>
          <p className="small muted figures">{more(now)}</p>
          <Sparkline
            values={history.map(({ totals }) => figure(totals) ?? 0)}
            label={`${name} in the last minute, now ${text(now)}`}
          />
        </li>
      ))}
    </ul>
  );
}
