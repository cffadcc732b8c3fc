import type { ImportEvents } from '../../src/imports/import-events.js';
import type { Import, ImportDetails, ImportProblem, ImportProgress } from '../../src/imports/import.js';

/** An import as the page shows it. */
export interface ImportView extends Import {
  /** In the order of the file. */
  readonly problems: readonly ImportProblem[];
  /** 0 where it isn't known. */
  readonly linesPerSecond: number;
  /** Why it could not go on. */
  readonly failure?: string | undefined;
}

export type ImportAction =
  | { readonly type: 'fetched'; readonly details: ImportDetails }
  | {
      [Type in keyof ImportEvents]: { readonly type: Type; readonly data: ImportEvents[Type] };
    }[keyof ImportEvents];

export const viewOf = (known: Import): ImportView => ({ ...known, problems: [], linesPerSecond: 0 });

/** What came first stays where what comes later is older: an answer and the events overtake one another. */
export function importReducer(view: ImportView, action: ImportAction): ImportView {
  switch (action.type) {
    case 'fetched': {
      const { details } = action;
      const isNewer = details.state !== 'running' || details.position > view.position;
      const problems = merged(view.problems, details.problems);
      return isOver(view) || !isNewer ? { ...view, problems } : { ...view, ...details, problems };
    }
    case 'problem':
      return { ...view, problems: merged(view.problems, [action.data]) };
    case 'progress':
      return isOver(view) || action.data.position < view.position ? view : { ...view, ...action.data };
    case 'completed':
    case 'cancelled':
      return { ...view, ...action.data, state: action.type };
    case 'failed': {
      const { message, ...progress } = action.data;
      return { ...view, ...progress, state: 'failed', failure: message };
    }
  }
}

export const isOver = ({ state }: Pick<Import, 'state'>): boolean => state !== 'running';

/** How it has gone, in a sentence. */
export function outcomeOf({ fileName, state, sent, rejected }: Import): string {
  const counts = `${countOf(sent, 'line')} sent, ${countOf(rejected, 'problem')}`;
  switch (state) {
    case 'running':
      return `The import of ${fileName} is running.`;
    case 'completed':
      return `The import of ${fileName} is complete: ${counts}.`;
    case 'cancelled':
      return `The import of ${fileName} was cancelled: ${counts}.`;
    case 'failed':
      return `The import of ${fileName} has failed: ${counts}.`;
  }
}

/** @returns seconds; `undefined` where that can't be told */
export function secondsLeft({
  lines,
  position,
  linesPerSecond,
}: ImportProgress & Pick<ImportView, 'linesPerSecond'>) {
  return linesPerSecond > 0 ? Math.ceil((lines - position) / linesPerSecond) : undefined;
}

export const countOf = (count: number, noun: string): string =>
  `${count.toLocaleString('en')} ${noun}${count === 1 ? '' : 's'}`;

function merged(known: readonly ImportProblem[], others: readonly ImportProblem[]): readonly ImportProblem[] {
  const lines = new Set(known.map(({ line }) => line));
  const added = others.filter(({ line }) => !lines.has(line));
  return added.length === 0 ? known : [...known, ...added].toSorted((a, b) => a.line - b.line);
}
