import { DrizzleQueryError } from 'drizzle-orm';

/** Of the system, when there is no connection, or it is lost. */
const OF_THE_NETWORK: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ENOENT',
]);
/**
 * Of the server, where another try may succeed. [spec] PostgreSQL 17, Appendix A: 08 connection exceptions, 40 rolled back
 * (a deadlock), 53 out of resources, 57 ended or cancelled by somebody or a timeout; 25006: a standby; 25P03: idle for too long.
 */
const OF_THE_SERVER = /^(08|40|53|57)...$|^25006$|^25P03$/;
/** node-postgres has no codes of its own. */
const OF_THE_DRIVER =
  /^(Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error|Client was closed)/;

/** Whether it failed because the database is away for a while: nothing is wrong with what was asked. */
export function isDatabaseUnavailable(error: unknown): boolean {
  if (error instanceof DrizzleQueryError) {
    return isDatabaseUnavailable(error.cause);
  }
  const { code, message } = (error ?? {}) as { readonly code?: unknown; readonly message?: unknown };
  return (
    (typeof code === 'string' && (OF_THE_NETWORK.has(code) || OF_THE_SERVER.test(code))) ||
    (typeof message === 'string' && OF_THE_DRIVER.test(message))
  );
}
