import { ValidateBy } from 'class-validator';

/** One-time tickets, with which an EventSource shows who it is. */
export interface TicketOptions {
  /**
   * What tickets are signed with: at least 32 bytes, the same on all nodes; several, to change it without refusing anybody:
   * the first signs, all are accepted. Default: random, for one process alone.
   */
  readonly secret: string | readonly string[] | undefined;
  /** How long after its issue a ticket can be used; milliseconds. Default 30,000. */
  readonly ttlMs: number;
  /** The parameter of the URL that has it. Default `ticket`. */
  readonly parameter: string;
}

export const ticketDefaults: TicketOptions = { secret: undefined, ttlMs: 30_000, parameter: 'ticket' };

/** HMAC-SHA-256 is no stronger than its key. [spec] RFC 7518 3.2 */
const MIN_SECRET_BYTES = 32;

export const IsSecret = (): PropertyDecorator =>
  ValidateBy({
    name: 'isSecret',
    validator: {
      validate: (value: unknown) => {
        const secrets: unknown[] = Array.isArray(value) ? value : [value];
        return secrets.length > 0 && secrets.every(isLong);
      },
      defaultMessage: () =>
        `$property must be one or more strings of at least ${MIN_SECRET_BYTES} bytes each`,
    },
  });

function isLong(secret: unknown): boolean {
  return typeof secret === 'string' && Buffer.byteLength(secret) >= MIN_SECRET_BYTES;
}
