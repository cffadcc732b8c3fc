export const LAST_EVENT_ID = 'Last-Event-ID';

/** [spec] WHATWG HTML 9.2.3: the id encoded as UTF-8, of which a header has a character for each byte. */
export function headerOfId(id: string): string {
  return Array.from(new TextEncoder().encode(id), (byte) => String.fromCharCode(byte)).join('');
}
