import { Send } from 'lucide-react';
import { type FormEvent, useState } from 'react';

import { messageOf, request } from '../http.js';
import { useToast } from '../shell/toasts.js';
import { Button } from '../ui/button.js';
import { Card } from '../ui/card.js';
import { TextArea, TextField } from '../ui/field.js';
import { Notice } from '../ui/notice.js';

const EVERYBODY = '*';

/** Sends an event that only pages which are open now get, to see that it arrives. */
export function TestEventForm() {
  const toast = useToast();
  const [target, setTarget] = useState(EVERYBODY);
  const [title, setTitle] = useState('');
  const [message, setMessage] = useState('');
  const [error, setError] = useState<string>();
  const [busy, setBusy] = useState(false);

  async function send(event: FormEvent): Promise<void> {
    event.preventDefault();
    setBusy(true);
    setError(undefined);
    try {
      await request('POST', '/operations/test-event', { body: { target: target.trim(), title, message } });
      toast({ level: 'success', title: 'Test event sent' });
      setTitle('');
      setMessage('');
    } catch (failure) {
      setError(messageOf(failure));
    } finally {
      setBusy(false);
    }
  }

  return (
    <Card title="Test event">
      <form className="test-event" onSubmit={(event) => void send(event)}>
        <p className="muted">Shows a short message on the pages that are open now. It is not kept.</p>
        {error && <Notice tone="danger">{error}</Notice>}
        <TextField
          label="For"
          hint="A user name, or * for everybody."
          required
          autoCapitalize="none"
          spellCheck={false}
          value={target}
          onChange={(change) => setTarget(change.target.value)}
        />
        <TextField
          label="Title"
          required
          maxLength={120}
          value={title}
          onChange={(change) => setTitle(change.target.value)}
        />
        <TextArea
          label="Message"
          rows={2}
          maxLength={500}
          value={message}
          onChange={(change) => setMessage(change.target.value)}
        />
        <div>
          <Button type="submit" variant="primary" icon={Send} busy={busy}>
            Send
          </Button>
        </div>
      </form>
    </Card>
  );
}
