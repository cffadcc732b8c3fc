import { SseError } from '@nestcast/hub';
import type { ExpiresAt, Identify, TenantOf } from './sse.options.js';
import type { SseRequest } from './sse-request.js';

/** What the application's own functions tell of a request: who it belongs to, and for how long. */

const LATER = 'What takes time belongs in a guard, which leaves what it finds out on the request.';
/** Between these, milliseconds since the epoch are days of 1970 to 1973, but seconds those of 2001 to 5138. */
const SECONDS = { from: 1e9, to: 1e11 };

/** @throws SseError `INVALID_OPTION` if it is told no id, a promise not least: all users would be one */
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
  const at = typeof given === 'number' || given instanceof Date ? Number(given) : undefined;
  if (at === undefined) {
    throw wrongAnswer('expiresAt', 'a Date, milliseconds since the Unix epoch, null or undefined', given);
  }
  if (Number.isNaN(at)) {
    throw new SseError('INVALID_OPTION', 'expiresAt returned no valid time, but NaN or an invalid Date.');
  }
  if (at >= SECONDS.from && at < SECONDS.to) {
    throw new SseError(
      'INVALID_OPTION',
      `expiresAt returned ${at} ms since the Unix epoch, which look like seconds: of a JWT, return exp * 1000.`,
    );
  }
  return at;
}

function idOf(option: string, id: unknown): string | undefined {
  if (id === undefined || id === null) {
    return undefined;
  }
  if (typeof id === 'string' || typeof id === 'number') {
    return String(id);
  }
  throw wrongAnswer(option, 'a string, a number, null or undefined', id);
}

function wrongAnswer(option: string, expected: string, answer: unknown): SseError {
  // A promise may yet reject, which nobody else would hear of.
  Promise.resolve(answer).catch(() => undefined);
  // What kind of thing it is, not what is in it: a whole user, for instance, is nothing for a log.
  const kind = Object.prototype.toString.call(answer).slice('[object '.length, -1);
  return new SseError(
    'INVALID_OPTION',
    `${option} must be synchronous and return ${expected}; got a value of type ${kind}. ${LATER}`,
  );
}
