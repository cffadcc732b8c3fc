import type { Import } from '../../src/imports/import.js';
import { Badge } from '../ui/badge.js';
import { countOf } from './import-view.js';

/** The state of an import in a pill. */
export function ImportBadge({ state, rejected }: Pick<Import, 'state' | 'rejected'>) {
  switch (state) {
    case 'running':
      return <Badge tone="accent">Running</Badge>;
    case 'completed':
      return rejected === 0 ? (
        <Badge tone="success">Complete</Badge>
      ) : (
        <Badge tone="warning">{countOf(rejected, 'problem')}</Badge>
      );
    case 'cancelled':
      return <Badge>Cancelled</Badge>;
    case 'failed':
      return <Badge tone="danger">Failed</Badge>;
  }
}
