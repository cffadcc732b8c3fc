import { Link } from 'react-router';

import type { AnswerSummary } from '../../src/assistant/answer.js';
import { Card } from '../ui/card.js';
import { Notice } from '../ui/notice.js';
import { Skeleton } from '../ui/spinner.js';
import { Time } from '../ui/time.js';
import { AnswerStatus } from './answer-status.js';

export interface AnswerHistoryProps {
  /** `undefined`: they are being loaded. */
  readonly answers: readonly AnswerSummary[] | undefined;
  readonly error: string | undefined;
  /** Which one is shown. */
  readonly current: string | undefined;
}

export function AnswerHistory({ answers, error, current }: AnswerHistoryProps) {
  return (
    <Card title="History" className="history">
      {error && <Notice tone="danger">{error}</Notice>}
      {!answers && !error && <Skeleton lines={4} />}
      {answers?.length === 0 && <p className="muted small">What you ask is kept here.</p>}
      <ul>
        {answers?.map(({ id, prompt, state, createdAt }) => (
          <li key={id}>
            <Link
              to={`?answer=${id}`}
              className="history-item"
              aria-current={id === current ? 'true' : undefined}
            >
              <span className="history-prompt">{prompt}</span>
              <span className="row muted small">
                {state !== 'completed' && <AnswerStatus state={state} />}
                <Time date={createdAt} />
              </span>
            </Link>
          </li>
        ))}
      </ul>
    </Card>
  );
}
