import { Copy, RotateCcw, Square } from 'lucide-react';
import { useEffect, useState } from 'react';

import type { AnswerState } from '../../src/assistant/answer.js';
import { messageOf, request } from '../http.js';
import { useToast } from '../shell/toasts.js';
import { Button } from '../ui/button.js';
import { Card } from '../ui/card.js';
import { Notice } from '../ui/notice.js';
import { Skeleton } from '../ui/spinner.js';
import { AnswerFigures } from './answer-figures.js';
import { AnswerStatus } from './answer-status.js';
import { AnswerText } from './answer-text.js';
import { useAnswer } from './use-answer.js';

export interface AnswerPanelProps {
  /** It must not change: give it as the key, too. */
  readonly id: string;
  readonly onState: (id: string, state: AnswerState) => void;
  readonly onAskAgain: (prompt: string) => void;
}

/** A question with its answer, live as long as it is written. */
export function AnswerPanel({ id, onState, onAskAgain }: AnswerPanelProps) {
  const { live, error, reconnecting } = useAnswer(id);
  const toast = useToast();
  const [stopping, setStopping] = useState(false);
  const answer = live?.answer;
  const state = answer?.state;
  useEffect(() => {
    if (state) {
      onState(id, state);
    }
  }, [id, state, onState]);

  async function stop(): Promise<void> {
    setStopping(true);
    try {
      await request('DELETE', `/assistant/answers/${id}`);
    } catch (failure) {
      setStopping(false);
      toast({ level: 'error', title: 'The answer goes on', detail: messageOf(failure) });
    }
  }

  async function copy(text: string): Promise<void> {
    try {
      await navigator.clipboard.writeText(text);
      toast({ level: 'success', title: 'Copied' });
    } catch {
      toast({ level: 'error', title: 'The browser doesn’t let this page copy', detail: 'Select the text.' });
    }
  }

  if (!answer) {
    return (
      <Card className="answer">
        {error ? <Notice tone="danger">{error}</Notice> : <Skeleton lines={4} />}
      </Card>
    );
  }
  const running = answer.state === 'running';
  return (
    <section className="card answer" aria-labelledby="question">
      <header className="answer-head">
        <h2 id="question">{answer.prompt}</h2>
        <p className="row muted small">
          <AnswerStatus state={answer.state} />
          <span>{answer.model}</span>
        </p>
      </header>
      {(answer.text || running) && <AnswerText text={answer.text} running={running} />}
      {reconnecting && <Notice tone="info">The connection is lost. Reconnecting…</Notice>}
      {error && <Notice tone="warning">{error}</Notice>}
      {answer.state === 'failed' && <Notice tone="danger">{answer.error}</Notice>}
      {answer.state === 'interrupted' && (
        <Notice tone="warning">
          The server stopped before the answer was complete. What it had written is kept.
        </Notice>
      )}
      <footer className="answer-foot">
        <AnswerFigures figures={answer.figures} />
        <div className="row">
          {running ? (
            <Button icon={Square} size="small" busy={stopping} onClick={() => void stop()}>
              Stop
            </Button>
          ) : (
            <>
              <Button icon={RotateCcw} size="small" onClick={() => onAskAgain(answer.prompt)}>
                Ask again
              </Button>
              <Button
                icon={Copy}
                size="small"
                disabled={answer.text === ''}
                onClick={() => void copy(answer.text)}
              >
                Copy
              </Button>
            </>
          )}
        </div>
      </footer>
    </section>
  );
}
