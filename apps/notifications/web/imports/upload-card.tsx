import { Download, Upload } from 'lucide-react';
import { type ChangeEvent, type DragEvent, useRef, useState } from 'react';

import { messageOf, request } from '../http.js';
import { Button } from '../ui/button.js';
import { Card } from '../ui/card.js';
import { Notice } from '../ui/notice.js';

/** Bytes; the server takes no more. */
const LARGEST = 1_048_576;

export interface UploadCardProps {
  /** Called when the server has taken the file in. */
  readonly onStart: (id: string, fileName: string) => void;
}

/** Takes a file, from a dialog or dropped. */
export function UploadCard({ onStart }: UploadCardProps) {
  const input = useRef<HTMLInputElement>(null);
  const [over, setOver] = useState(false);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string>();

  const send = async (file: File): Promise<void> => {
    setBusy(true);
    setError(undefined);
    try {
      onStart(await uploaded(file), file.name);
    } catch (failure) {
      setError(messageOf(failure));
    }
    setBusy(false);
  };
  const take = (files: FileList | null): void => {
    const [file, ...more] = files ?? [];
    if (busy || !file) {
      return;
    }
    if (more.length > 0 || file.size > LARGEST) {
      setError(more.length > 0 ? 'Send one file at a time.' : 'The file must be 1 MB at most.');
      return;
    }
    void send(file);
  };
  const drag = (isOver: boolean) => (event: DragEvent) => {
    event.preventDefault();
    setOver(isOver);
  };
  return (
    <Card>
      {/* oxlint-disable-next-line jsx-a11y/no-static-element-interactions -- for the mouse alone; the button does the same */}
      <div
        className={over ? 'drop drop-over' : 'drop'}
        onDragEnter={drag(true)}
        onDragOver={drag(true)}
        onDragLeave={drag(false)}
        onDrop={(event) => {
          drag(false)(event);
          take(event.dataTransfer.files);
        }}
      >
        <Upload size={22} aria-hidden />
        <p className="drop-title">Drop a CSV file here</p>
        <p className="muted small">
          Up to 1 MB and 10,000 lines. The first line names the columns: <code>recipient</code>,{' '}
          <code>title</code>, and if you like <code>body</code> and <code>level</code>.
        </p>
        <div className="row">
          <Button variant="primary" busy={busy} onClick={() => input.current?.click()}>
            Choose a file
          </Button>
          <a className="button button-secondary button-medium" href="/sample-import.csv" download>
            <Download size={16} aria-hidden />
            Sample file
          </a>
        </div>
        <input
          ref={input}
          type="file"
          accept=".csv,text/csv"
          aria-label="CSV file"
          hidden
          onChange={({ target }: ChangeEvent<HTMLInputElement>) => {
            take(target.files);
            // The same file may be chosen once more, when it has been corrected.
            target.value = '';
          }}
        />
      </div>
      {error && <Notice tone="danger">{error}</Notice>}
    </Card>
  );
}

/** What the browser takes a CSV file for depends on the system. */
async function uploaded(file: File): Promise<string> {
  const body = new Blob([file], { type: 'text/csv' });
  const path = `/imports?fileName=${encodeURIComponent(file.name.slice(0, 200))}`;
  const { id } = await request<{ readonly id: string }>('POST', path, { body });
  return id;
}
