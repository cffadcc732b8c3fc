import { ArrowUp } from 'lucide-react';
import { type FormEvent, type KeyboardEvent, useRef, useState } from 'react';

import { messageOf } from '../http.js';
import { Button } from '../ui/button.js';
import { TextArea } from '../ui/field.js';

const LONGEST = 4_000;

export interface ComposerProps {
  /** @throws ApiError */
  readonly onAsk: (prompt: string) => Promise<void>;
}

/** Where a question is written. */
export function Composer({ onAsk }: ComposerProps) {
  const [prompt, setPrompt] = useState('');
  const [error, setError] = useState<string>();
  const [busy, setBusy] = useState(false);
  const form = useRef<HTMLFormElement>(null);

  async function submit(event: FormEvent): Promise<void> {
    event.preventDefault();
    if (prompt.trim() === '') {
      setError('Write a question first.');
      return;
    }
    setBusy(true);
    setError(undefined);
    try {
      await onAsk(prompt);
      setPrompt('');
    } catch (failure) {
      setError(messageOf(failure));
    } finally {
      setBusy(false);
    }
  }

  function send(event: KeyboardEvent): void {
    // An input method's Enter takes what it suggests.
    if (event.key === 'Enter' && !event.shiftKey && !event.nativeEvent.isComposing) {
      event.preventDefault();
      if (!busy) {
        form.current?.requestSubmit();
      }
    }
  }

  return (
    <form ref={form} className="card composer" onSubmit={(event) => void submit(event)} noValidate>
      <TextArea
        label="Your question"
        rows={3}
        maxLength={LONGEST}
        value={prompt}
        placeholder="Ask anything"
        onChange={({ target }) => setPrompt(target.value)}
        onKeyDown={send}
        {...(error && { error })}
      />
      <div className="composer-foot">
        <p className="field-hint">Enter sends. Shift and Enter begin a new line.</p>
        <Button type="submit" variant="primary" icon={ArrowUp} busy={busy}>
          Ask
        </Button>
      </div>
    </form>
  );
}
