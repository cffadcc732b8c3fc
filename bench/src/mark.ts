/**
 * What the load process recognises an event by: a byte that occurs nowhere else on the wire, then the event's number and
 * the time of its publication, in digits of a fixed width.
 */
const MARK = '§';
/** The last byte of the mark in UTF-8. */
export const MARK_BYTE = 0xa7;
const NUMBER_DIGITS = 9;
const TIME_DIGITS = 16;
/** Bytes that follow {@link MARK_BYTE}. */
export const MARK_LENGTH = NUMBER_DIGITS + TIME_DIGITS;

/** CLOCK_MONOTONIC in microseconds, the same clock in all processes of a machine. */
export function nowUs(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return Math.round(seconds * 1e6 + nanoseconds / 1e3);
}

export function markOf(number: number): string {
  return MARK + String(number).padStart(NUMBER_DIGITS, '0') + String(nowUs()).padStart(TIME_DIGITS, '0');
}

/** The event's number. @param at the place of {@link MARK_BYTE} */
export function numberAt(bytes: Buffer, at: number): number {
  return digits(bytes, at + 1, NUMBER_DIGITS);
}

/** When the event was published, in microseconds. @param at the place of {@link MARK_BYTE} */
export function timeAt(bytes: Buffer, at: number): number {
  return digits(bytes, at + 1 + NUMBER_DIGITS, TIME_DIGITS);
}

function digits(bytes: Buffer, from: number, count: number): number {
  let value = 0;
  for (let i = from; i < from + count; i += 1) {
    value = value * 10 + ((bytes[i] as number) - 48);
  }
  return value;
}
