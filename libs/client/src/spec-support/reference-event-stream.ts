/** What an event stream has brought: an event, a last event id that is another, or a reconnection time. */
export type Seen =
  | { readonly type: string; readonly data: string; readonly lastEventId: string }
  | { readonly lastEventId: string }
  | { readonly retryMs: number };

/**
 * Reads a whole event stream at once, sentence by sentence as WHATWG HTML 9.2.6 has it, for the other reader to be held
 * against.
 */
export function referenceEventStream(bytes: Uint8Array): Seen[] {
  const seen: Seen[] = [];
  let lastEventId = '';
  let data = '';
  let type = '';
  let id = '';

  function processField(field: string, value: string): void {
    if (field === 'event') {
      type = value;
    } else if (field === 'data') {
      data += `${value}\n`;
    } else if (field === 'id' && !value.includes('\0')) {
      id = value;
    } else if (field === 'retry' && /^[0-9]+$/.test(value)) {
      seen.push({ retryMs: Math.min(Number(value), 2 ** 31 - 1) });
    }
  }

  function dispatch(): void {
    if (id !== lastEventId) {
      seen.push({ lastEventId: id });
    }
    lastEventId = id;
    if (data !== '') {
      const text = data.endsWith('\n') ? data.slice(0, -1) : data;
      seen.push({ type: type === '' ? 'message' : type, data: text, lastEventId });
    }
    data = '';
    type = '';
  }

  const decoded = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
  const text = decoded.startsWith('\uFEFF') ? decoded.slice(1) : decoded;
  // What stands after the last end of a line is no line.
  for (const line of text.split(/\r\n|\n|\r/).slice(0, -1)) {
    const colon = line.indexOf(':');
    if (line === '') {
      dispatch();
    } else if (colon > 0) {
      const value = line.slice(colon + 1);
      processField(line.slice(0, colon), value.startsWith(' ') ? value.slice(1) : value);
    } else if (colon === -1) {
      processField(line, '');
    }
  }
  return seen;
}
