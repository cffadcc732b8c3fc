/**
 * Frames of the event stream: what WHATWG HTML 9.2.6 "Interpreting an event stream" reads, written with LF only.
 */

import type { EventId, EventRecord } from '../event.js';

/** The text of one event, a blank line at its end. The record must have passed `toEventRecord`. */
export function eventFrame(
  record: Pick<EventRecord, 'type' | 'data' | 'retryMs' | 'final'>,
  id: EventId,
): string {
  if (record.final) {
    return idFrame(id);
  }
  let frame = '';
  if (record.type !== '') {
    frame = `event: ${record.type}\n`;
  }
  if (id !== '') {
    frame += `id: ${id}\n`;
  }
  if (record.retryMs !== undefined) {
    frame += `retry: ${record.retryMs}\n`;
  }
  // [spec] 9.2.6: an event without a data field would not be dispatched at all.
  return `${frame}${dataField(record.data ?? '')}\n`;
}

/** An id alone: it moves the client's last event id and, having no data, dispatches nothing. */
export function idFrame(id: EventId): string {
  return `id: ${id}\n\n`;
}

/** Tells the client how long to wait before it reconnects. */
export function retryFrame(ms: number): string {
  return `retry: ${ms}\n\n`;
}

/** A comment, which every client ignores. */
export function commentFrame(text: string): string {
  return `: ${text}\n\n`;
}

const LINE_BREAK = /\r\n|\r|\n/;

function dataField(data: string): string {
  // [spec] 9.2.6: a line ends at CRLF, CR or LF, and each line of the data is a field of its own.
  if (data.includes('\n') || data.includes('\r')) {
    return data
      .split(LINE_BREAK)
      .map((line) => `data: ${line}\n`)
      .join('');
  }
  return `data: ${data}\n`;
}
