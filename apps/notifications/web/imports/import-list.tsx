import { FileSpreadsheet } from 'lucide-react';
import { Link } from 'react-router';

import type { Import } from '../../src/imports/import.js';
import { Card } from '../ui/card.js';
import { EmptyState } from '../ui/empty-state.js';
import { Skeleton } from '../ui/spinner.js';
import { Time } from '../ui/time.js';
import { ImportBadge } from './import-badge.js';
import { countOf } from './import-view.js';

export interface ImportListProps {
  /** `undefined` until they are known. */
  readonly imports: readonly Import[] | undefined;
  /** Which of them is shown in full. */
  readonly selected: string | undefined;
}

/** Imports that have ended, latest first; each leads to all about it. */
export function ImportList({ imports, selected }: ImportListProps) {
  return (
    <Card title="Earlier imports">
      {imports === undefined ? (
        <Skeleton />
      ) : imports.length === 0 ? (
        <EmptyState icon={FileSpreadsheet} title="No imports yet">
          When a file has been imported, you find here how it went.
        </EmptyState>
      ) : (
        <ul className="import-list">
          {imports.map((item) => (
            <li key={item.id}>
              <Link
                className="import-row"
                to={`?import=${item.id}`}
                aria-current={item.id === selected ? 'true' : undefined}
              >
                <FileSpreadsheet size={18} aria-hidden />
                <span className="import-name">{item.fileName}</span>
                <span className="muted small">
                  {countOf(item.sent, 'line')} sent · <Time date={item.createdAt} />
                </span>
                <ImportBadge {...item} />
              </Link>
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}
