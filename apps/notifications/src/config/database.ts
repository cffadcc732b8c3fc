import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

import type { BrokerConfiguration } from './broker.js';

/** Where notifications, accounts and all else is kept. */
export type DatabaseConfiguration =
  { readonly kind: 'embedded'; readonly folder: string } | { readonly kind: 'server'; readonly url: string };

// The same distance from src/ (tests) and from dist/ (production).
const DEFAULT_FOLDER = fileURLToPath(new URL('../../data', import.meta.url));

/**
 * Reads DATABASE_URL, a PostgreSQL server; where it isn't set, DATABASE_FOLDER, where the embedded one has its files
 * (default: `data` beside the application).
 *
 * @throws Error when DATABASE_URL is no URL of PostgreSQL, when both are set, or when none is though there may be other nodes
 */
export function parseDatabase(
  environment: NodeJS.ProcessEnv,
  { kind }: BrokerConfiguration,
): DatabaseConfiguration {
  const url = environment['DATABASE_URL'] || undefined;
  const folder = environment['DATABASE_FOLDER'] || undefined;
  if (url === undefined) {
    if (kind === 'redis') {
      throw new Error(
        'DATABASE_URL must be set with BROKER=redis: all nodes share one PostgreSQL server, and an embedded database is of one machine.',
      );
    }
    return { kind: 'embedded', folder: resolve(folder ?? DEFAULT_FOLDER) };
  }
  if (folder !== undefined) {
    throw new Error('DATABASE_FOLDER is of the embedded database: leave it out, or leave DATABASE_URL out.');
  }
  // Its value is in no message: it may have a password.
  if (!/^postgres(ql)?:\/\//.test(url)) {
    throw new Error('DATABASE_URL must be a URL that begins with postgresql://.');
  }
  return { kind: 'server', url };
}
