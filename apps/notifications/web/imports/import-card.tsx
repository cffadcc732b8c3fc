import { useEffect, useEffectEvent, useState } from 'react';

import type { Import } from '../../src/imports/import.js';
import { messageOf, request } from '../http.js';
import { useToast } from '../shell/toasts.js';
import { Button } from '../ui/button.js';
import { Card } from '../ui/card.js';
import { Notice } from '../ui/notice.js';
import { ProgressBar } from '../ui/progress-bar.js';
import { ImportBadge } from './import-badge.js';
import { type ImportView, isOver, secondsLeft } from './import-view.js';
import { ProblemTable } from './problem-table.js';
import { useImport } from './use-import.js';

export interface ImportCardProps {
  readonly known: Import;
  /** Called once, when one that was running has ended. */
  readonly onEnd: (ended: Import) => void;
}

/** An import in full: how far it is, what was wrong, and how to stop it. */
export function ImportCard({ known, onEnd }: ImportCardProps) {
  const { view, error } = useImport(known);
  const ended = isOver(view) && !isOver(known);
  const tellEnd = useEffectEvent(() => onEnd(view));
  useEffect(() => {
    if (ended) {
      tellEnd();
    }
  }, [ended]);
  const { fileName, position, lines } = view;
  return (
    <Card title={fileName} className="import" actions={<ImportBadge {...view} />}>
      <div className="import-body">
        <ProgressBar
          label={`Import of ${fileName}`}
          value={position}
          max={lines}
          text={`${position} of ${lines} lines`}
        />
        <div className="import-figures">
          <Figures view={view} />
          {!isOver(view) && <CancelButton view={view} />}
        </div>
        {view.failure && <Notice tone="danger">{view.failure}</Notice>}
        {error && <Notice tone="danger">{error}</Notice>}
        <ProblemTable {...view} />
      </div>
    </Card>
  );
}

function Figures({ view }: { readonly view: ImportView }) {
  const { position, lines, sent, rejected, linesPerSecond } = view;
  const figures = [
    ['Lines', `${position.toLocaleString('en')} of ${lines.toLocaleString('en')}`],
    ['Sent', sent.toLocaleString('en')],
    ['Problems', rejected.toLocaleString('en')],
  ];
  const left = secondsLeft(view);
  if (!isOver(view)) {
    figures.push(['Speed', linesPerSecond > 0 ? `${linesPerSecond} a second` : '–']);
    figures.push(['Time left', left === undefined ? '–' : `${left} s`]);
  }
  return (
    <dl className="figures">
      {figures.map(([name, value]) => (
        <div key={name}>
          <dt className="muted small">{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function CancelButton({ view: { id, fileName } }: { readonly view: ImportView }) {
  const [busy, setBusy] = useState(false);
  const toast = useToast();
  const cancel = async (): Promise<void> => {
    setBusy(true);
    try {
      await request('DELETE', `/imports/${id}`);
    } catch (error) {
      setBusy(false);
      toast({ level: 'error', title: 'It could not be cancelled.', detail: messageOf(error) });
    }
  };
  return (
    <Button
      size="small"
      busy={busy}
      onClick={() => void cancel()}
      aria-label={`Cancel the import of ${fileName}`}
    >
      Cancel
    </Button>
  );
}
