import { SseError } from '@nestcast/hub';
import { complaintAboutEnd } from './end-time.js';
import type { ExpiresAt, Identify, TenantOf } from './sse.options.js';
import type { SseRequest } from './sse-request.js';

/** What the application's own functions tell of a request: who it belongs to, and for how long. */

const LATER = 'What takes time belongs in a guard, which leaves what it finds out on the request.';
/** @throws SseError `INVALID_OPTION` if it is told no id, a promise or NaN not least: all users would be one */
export function identified(identify: Identify, { request }: SseRequest): string | undefined {
  return idOf('identify', identify(request));
}

/** @throws SseError `INVALID_OPTION` if it is told no id */
export function tenantOf(tenant: TenantOf | undefined, { request }: SseRequest): string | undefined {
  return idOf('tenant', tenant?.(request));
}

/**
 * @returns milliseconds since the Unix epoch; `undefined`: never
 * @throws SseError `INVALID_OPTION` if it is told no time, or seconds: the stream would never expire, or at once
 */
export function expiryOf(expiresAt: ExpiresAt | undefined, { request }: SseRequest): number | undefined {
  const given: unknown = expiresAt?.(request);
  if (given === undefined || given === null) {
    return undefined;
  }
  if (typeof given !== 'number' && !(given instanceof Date)) {
    throw wrongAnswer('expiresAt', 'a Date, milliseconds since the Unix epoch, null or undefined', given);
  }
  const complaint = complaintAboutEnd(given);
  if (complaint !== undefined) {
    throw new SseError('INVALID_OPTION', `What expiresAt returns ${complaint}.`);
  }
  return Number(given);
}

function idOf(option: string, id: unknown): string | undefined {
  if (id === undefined || id === null) {
    return undefined;
  }
  if ((typeof id === 'string' && id !== '') || (typeof id === 'number' && Number.isFinite(id))) {
    return String(id);
  }
  throw wrongAnswer(option, 'a string that is not empty, a number, null or undefined', id);
}

function wrongAnswer(option: string, expected: string, answer: unknown): SseError {
  // A promise may yet reject, which nobody else would hear of.
  Promise.resolve(answer).catch(() => undefined);
  // What kind of thing it is, not what is in it: a whole user, for instance, is nothing for a log.
  const kind = Object.prototype.toString.call(answer).slice('[object '.length, -1);
  const got =
    answer === '' ? 'an empty one' : typeof answer === 'number' ? `${answer}` : `a value of type ${kind}`;
  return new SseError(
    'INVALID_OPTION',
    `${option} must be synchronous and return ${expected}; got ${got}. ${LATER}`,
  );
}
