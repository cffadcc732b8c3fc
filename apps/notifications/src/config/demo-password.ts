import type { DatabaseConfiguration } from './database.js';

const DEFAULT = 'nestcast';

/**
 * Reads DEMO_PASSWORD, with which an empty database gets accounts to try the application with. The embedded database gets
 * them by default; a server doesn't, so that no account with a known password is anywhere by accident.
 */
export function parseDemoPassword(
  value: string | undefined,
  { kind }: DatabaseConfiguration,
): string | undefined {
  return value || (kind === 'embedded' ? DEFAULT : undefined);
}
