import { Sparkles } from 'lucide-react';
import { useSearchParams } from 'react-router';

import type { AnswerState } from '../../src/assistant/answer.js';
import { messageOf } from '../http.js';
import { Page } from '../shell/page.js';
import { useToast } from '../shell/toasts.js';
import { Button } from '../ui/button.js';
import { Card } from '../ui/card.js';
import { EmptyState } from '../ui/empty-state.js';
import { AnswerHistory } from './answer-history.js';
import { AnswerPanel } from './answer-panel.js';
import './assistant.css';
import { Composer } from './composer.js';
import { useAnswers } from './use-answers.js';

const EXAMPLES = [
  'How does an event stream come back after a break?',
  'When are Server-Sent Events better than WebSockets?',
  'What is back-pressure?',
];

/** What is said when the state of the answer changes; its text isn't read out while it grows. */
const SPOKEN: Readonly<Record<AnswerState, string>> = {
  running: 'The answer is being written.',
  completed: 'The answer is complete.',
  cancelled: 'The answer was stopped.',
  // Said where it is shown.
  failed: '',
  interrupted: '',
};

/** The answer that is shown is in the address: a page that is loaded again shows it again. */
export default function AssistantPage() {
  const { answers, error, ask, changed } = useAnswers();
  const [parameters, setParameters] = useSearchParams();
  const toast = useToast();
  const current = parameters.get('answer') ?? undefined;

  const state = answers?.find(({ id }) => id === current)?.state;

  async function askAndShow(prompt: string): Promise<void> {
    setParameters({ answer: await ask(prompt) });
  }

  function askFromButton(prompt: string): void {
    askAndShow(prompt).catch((failure: unknown) =>
      toast({ level: 'error', title: 'The question was not sent', detail: messageOf(failure) }),
    );
  }

  return (
    <Page title="Assistant" lead="Ask, and read the answer while it is written." wide>
      <p className="sr-only" role="status">
        {state && SPOKEN[state]}
      </p>
      <div className="assistant">
        <div className="stack">
          <Composer onAsk={askAndShow} />
          {current ? (
            <AnswerPanel key={current} id={current} onState={changed} onAskAgain={askFromButton} />
          ) : (
            <Card>
              <EmptyState
                icon={Sparkles}
                title="Ask a question"
                action={
                  <div className="examples">
                    {EXAMPLES.map((example) => (
                      <Button key={example} size="small" onClick={() => askFromButton(example)}>
                        {example}
                      </Button>
                    ))}
                  </div>
                }
              >
                The answer goes on if you close this page. Come back for the rest.
              </EmptyState>
            </Card>
          )}
        </div>
        <AnswerHistory answers={answers} error={error} current={current} />
      </div>
    </Page>
  );
}
