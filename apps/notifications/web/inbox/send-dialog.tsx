import { Send } from 'lucide-react';
import { type FormEvent, useId, useRef, useState } from 'react';

import type { Account } from '../../src/accounts/account.js';
import type { Level } from '../../src/notifications/notification.js';
import { ApiError, messageOf } from '../http.js';
import { useToast } from '../shell/toasts.js';
import { Button } from '../ui/button.js';
import { Dialog } from '../ui/dialog.js';
import { Select, TextArea, TextField } from '../ui/field.js';
import { Notice } from '../ui/notice.js';
import { Segmented } from '../ui/segmented.js';
import { type Draft, LONGEST_BODY, LONGEST_TITLE, edited, newDraft, problemOf } from './draft.js';
import { EVERYBODY } from './everybody.js';
import { postDraft } from './inbox-requests.js';
import { levels } from './levels.js';

export interface SendDialogProps {
  /** Whom one can write to. */
  readonly accounts: readonly Account[];
  readonly onClose: () => void;
}

/** Writes a notification. It is there from when it is opened until it is closed, and what was written with it. */
export function SendDialog({ accounts, onClose }: SendDialogProps) {
  const [draft, setDraft] = useState(() => newDraft(crypto.randomUUID()));
  const { busy, problem, titleProblem, send } = useSending(draft, onClose);
  const form = useId();
  const edit = (change: Partial<Omit<Draft, 'key'>>): void =>
    setDraft((written) => edited(written, change, crypto.randomUUID()));
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    void send();
  };
  return (
    <Dialog
      open
      onClose={onClose}
      title="New notification"
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button variant="primary" type="submit" form={form} icon={Send} busy={busy}>
            Send
          </Button>
        </>
      }
    >
      <form id={form} className="stack send-form" onSubmit={submit} noValidate>
        {problem && <Notice tone="danger">{problem}</Notice>}
        <Select
          label="To"
          value={draft.recipient}
          onChange={({ target }) => edit({ recipient: target.value })}
        >
          <option value={EVERYBODY}>Everybody</option>
          {accounts.map(({ id, name }) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
        </Select>
        <TextField
          label="Title"
          value={draft.title}
          error={titleProblem}
          maxLength={LONGEST_TITLE}
          autoComplete="off"
          onChange={({ target }) => edit({ title: target.value })}
        />
        <TextArea
          label="Message"
          hint="You may leave it out."
          value={draft.body}
          maxLength={LONGEST_BODY}
          rows={4}
          onChange={({ target }) => edit({ body: target.value })}
        />
        <Segmented<Level>
          legend="Kind"
          options={levels}
          value={draft.level}
          onChange={(level) => edit({ level })}
        />
      </form>
    </Dialog>
  );
}

function useSending(draft: Draft, onSent: () => void) {
  const toast = useToast();
  const sending = useRef(false);
  const [busy, setBusy] = useState(false);
  const [tried, setTried] = useState(false);
  const [problem, setProblem] = useState<string>();
  const send = async (): Promise<void> => {
    setTried(true);
    if (sending.current || problemOf(draft) !== undefined) {
      return;
    }
    sending.current = true;
    setBusy(true);
    setProblem(undefined);
    try {
      await postDraft(draft);
      toast({ level: 'success', title: 'Sent.' });
      onSent();
    } catch (error) {
      const unanswered = error instanceof ApiError && error.status === 0;
      setProblem(unanswered ? 'No answer came. Send it again: it arrives only once.' : messageOf(error));
    } finally {
      sending.current = false;
      setBusy(false);
    }
  };
  return { busy, problem, titleProblem: tried ? problemOf(draft) : undefined, send };
}
