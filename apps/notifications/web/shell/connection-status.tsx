import { RotateCw } from 'lucide-react';
import { useSse } from '@nestcast/client/react';

import { IconButton } from '../ui/button.js';
import { useNow } from '../ui/use-now.js';
import { connectionView } from './connection-view.js';
import './connection-status.css';
import type { Stream } from './stream.js';
import { useOnline } from './use-online.js';

const SECOND_MS = 1_000;

/** Whether events come as they happen. Changes are read out, the seconds that count down are not. */
export function ConnectionStatus({ stream }: { readonly stream: Stream }) {
  const connection = useSse(stream);
  const online = useOnline();
  const now = useNow(connection.retryAt === undefined ? undefined : SECOND_MS);
  const { state, label } = connectionView(connection, online, now);
  return (
    <div className="connection" data-state={state}>
      <span className="connection-dot" aria-hidden />
      <span className="connection-label" aria-hidden>
        {label}
      </span>
      <span className="sr-only" role="status">
        {`Connection: ${label.replace(/ in \d+ s$/, '')}`}
      </span>
      {(state === 'closed' || connection.retryAt !== undefined) && (
        <IconButton icon={RotateCw} label="Try now" size="small" onClick={stream.reconnect} />
      )}
    </div>
  );
}
