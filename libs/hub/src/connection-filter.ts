import { inspect } from 'node:util';
import type { Connection } from './delivery/connection.js';
import { SseError } from './sse-error.js';

/** Which connections are meant: all that match every field given. */
export interface ConnectionFilter {
  /** Compared as text: what `identify` returns may be a number. */
  readonly userId?: string | number | undefined;
  readonly connectionId?: string | undefined;
  readonly channel?: string | undefined;
  /** Compared as text: what the option `tenant` returns may be a number. */
  readonly tenant?: string | number | undefined;
}

/** Each field, and whether a number will do. */
const fields: Readonly<Record<keyof ConnectionFilter, boolean>> = {
  userId: true,
  connectionId: false,
  channel: false,
  tenant: true,
};

/**
 * A field given as `undefined` is left out.
 *
 * @throws SseError `INVALID_OPTION` naming what is unknown or empty, or if nothing is named at all: that would match everybody
 */
export function assertFilter(filter: ConnectionFilter): void {
  const given = Object.entries(filter ?? {}).filter(([, value]) => value !== undefined);
  const complaints = given.flatMap(([name, value]) => complaintAbout(name, value) ?? []);
  if (complaints.length > 0) {
    throw new SseError('INVALID_OPTION', `A filter of connections: ${complaints.join('; ')}.`);
  }
  if (given.length === 0) {
    throw new SseError(
      'INVALID_OPTION',
      'A filter names a userId, a connectionId, a channel or a tenant; this one would match all.',
    );
  }
}

export function matches(
  connection: Connection,
  { userId, connectionId, channel, tenant }: ConnectionFilter,
): boolean {
  return (
    (userId === undefined || connection.userId === String(userId)) &&
    (connectionId === undefined || connection.id === connectionId) &&
    (channel === undefined || connection.channels.has(channel)) &&
    (tenant === undefined || connection.tenant === String(tenant))
  );
}

function complaintAbout(name: string, value: unknown): string | undefined {
  if (!Object.hasOwn(fields, name)) {
    return `${name} is no field of it`;
  }
  const numeric = fields[name as keyof ConnectionFilter];
  const isRight =
    (typeof value === 'string' && value !== '') ||
    (numeric && typeof value === 'number' && Number.isFinite(value));
  return isRight
    ? undefined
    : `${name} must be a string that is not empty${numeric ? ', or a number' : ''} (got ${inspect(value, { depth: 0 })})`;
}
