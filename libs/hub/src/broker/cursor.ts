import type { EventId } from '../event.js';

/** A place in one life of a log. */
export interface Cursor {
  readonly epoch: string;
  readonly seq: number;
}

const CURSOR = /^([0-9a-z]{1,32})\.(0|[1-9][0-9]{0,15})$/;

export function formatCursor(epoch: string, seq: number): EventId {
  return `${epoch}.${seq}`;
}

/** Reads an id of the form `<epoch>.<seq>`; `undefined` if it isn't one. */
export function parseCursor(id: EventId): Cursor | undefined {
  const match = CURSOR.exec(id);
  if (!match) {
    return undefined;
  }
  const [, epoch, digits] = match as unknown as [string, string, string];
  const seq = Number(digits);
  return Number.isSafeInteger(seq) ? { epoch, seq } : undefined;
}
