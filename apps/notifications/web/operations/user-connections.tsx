import { Unplug } from 'lucide-react';
import { type FormEvent, useState } from 'react';

import type { UserConnections as Found } from '../../src/operations/operations-events.js';
import { messageOf, request } from '../http.js';
import { useToast } from '../shell/toasts.js';
import { Button } from '../ui/button.js';
import { Card } from '../ui/card.js';
import { Dialog } from '../ui/dialog.js';
import { TextField } from '../ui/field.js';
import { Notice } from '../ui/notice.js';
import { ConnectionsTable } from './connections-table.js';

interface Answer extends Found {
  readonly userId: string;
}

/** Who has which connections, and the way to end them. */
export function UserConnections() {
  const toast = useToast();
  const [userId, setUserId] = useState('');
  const [answer, setAnswer] = useState<Answer>();
  const [error, setError] = useState<string>();
  const [busy, setBusy] = useState(false);
  const [asking, setAsking] = useState(false);

  async function attempt(work: () => Promise<void>): Promise<void> {
    setBusy(true);
    setError(undefined);
    try {
      await work();
    } catch (failure) {
      setError(messageOf(failure));
    } finally {
      setBusy(false);
    }
  }

  async function find(id: string): Promise<void> {
    const found = await request<Found>('GET', `/operations/connections?userId=${encodeURIComponent(id)}`);
    setAnswer({ ...found, userId: id });
  }

  async function disconnect(id: string): Promise<void> {
    const { connections } = await request<{ connections: number }>('POST', '/operations/disconnect', {
      body: { userId: id },
    });
    toast({ level: 'success', title: `${streams(connections)} of ${id} ended` });
    await find(id);
  }

  return (
    <Card title="Connections of a person">
      <form
        className="inline-form"
        onSubmit={(event: FormEvent) => {
          event.preventDefault();
          void attempt(() => find(userId.trim()));
        }}
      >
        <TextField
          label="User name"
          required
          autoCapitalize="none"
          spellCheck={false}
          value={userId}
          onChange={({ target }) => setUserId(target.value)}
        />
        <Button type="submit" busy={busy && !asking}>
          Look up
        </Button>
      </form>
      {error && <Notice tone="danger">{error}</Notice>}
      {answer && (
        <div className="found">
          <div className="found-head">
            <p role="status">{`${answer.userId} has ${streams(answer.connections.length)} open.`}</p>
            {answer.connections.length > 0 && (
              <Button variant="danger" size="small" icon={Unplug} onClick={() => setAsking(true)}>
                Disconnect
              </Button>
            )}
          </div>
          {!answer.complete && (
            <Notice tone="warning">Not all servers have answered: there may be more.</Notice>
          )}
          {answer.connections.length > 0 && <ConnectionsTable connections={answer.connections} />}
        </div>
      )}
      <Dialog
        open={asking}
        onClose={() => setAsking(false)}
        title={`Disconnect ${answer?.userId ?? ''}?`}
        actions={
          <>
            <Button onClick={() => setAsking(false)}>Cancel</Button>
            <Button
              variant="danger"
              busy={busy}
              onClick={() => {
                void attempt(() => disconnect(answer?.userId ?? '')).then(() => setAsking(false));
              }}
            >
              Disconnect
            </Button>
          </>
        }
      >
        <p>Their pages connect again by themselves within seconds, and miss nothing. They stay signed in.</p>
      </Dialog>
    </Card>
  );
}

const streams = (count: number): string => (count === 1 ? '1 stream' : `${count} streams`);
