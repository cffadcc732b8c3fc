import { Sparkline } from '../ui/sparkline.js';
import { bytesText, durationText, numberText, shareText } from './figure-text.js';
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
    more: ({ nodes, lagging }) =>
      `On ${nodes === 1 ? '1 server' : `${nodes} servers`}, ${lagging === 0 ? 'none' : numberText(lagging)} slow`,
  },
  {
    name: 'Delivered a second',
    figure: ({ deliveredPerSecond }) => deliveredPerSecond,
    text: ({ deliveredPerSecond }) => numberText(deliveredPerSecond),
    more: ({ publishedPerSecond, outboxWaiting }) =>
      `${numberText(publishedPerSecond)} published, ${waitingText(outboxWaiting)}`,
  },
  {
    name: '95% delivered within',
    figure: ({ publishP95Ms }) => publishP95Ms,
    text: ({ publishP95Ms }) => durationText(publishP95Ms),
    more: ({ openP95Ms }) =>
      openP95Ms === null ? 'No stream opened of late' : `${durationText(openP95Ms)} to open a stream`,
  },
  {
    name: 'Memory',
    figure: ({ memoryBytes }) => memoryBytes,
    text: ({ memoryBytes }) => bytesText(memoryBytes),
    more: ({ processorShare }) => `Processor ${shareText(processorShare)}`,
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

function waitingText(outboxWaiting: number | null): string {
  if (outboxWaiting === null) {
    return 'the database does not answer';
  }
  return `${outboxWaiting === 0 ? 'none' : numberText(outboxWaiting)} waiting`;
}
