import cluster from 'node:cluster';

import { runCluster } from '@nestcast/sse';

import type { Configuration } from './config/configuration.js';
import { type ServedDatabase, serveEmbeddedDatabase } from './database/served-database.js';
import { randomSecret } from './session/session-cookie.js';

/**
 * Runs the application in this many processes. What they share they get with the environment: the secret, because each
 * must know the sessions of the others, and the embedded database, which only the primary can open.
 */
export async function runWorkers(
  workers: number,
  { database, demoPassword, sessionSecret }: Configuration,
  listen: () => Promise<void>,
): Promise<void> {
  let served: ServedDatabase | undefined;
  if (cluster.isPrimary) {
    process.env['SESSION_SECRET'] = sessionSecret ?? randomSecret();
    if (database.kind === 'embedded') {
      served = await serveEmbeddedDatabase(database.folder);
      delete process.env['DATABASE_FOLDER'];
      process.env['DATABASE_URL'] = served.url;
      process.env['DEMO_PASSWORD'] = demoPassword;
    }
  }
  await runCluster(listen, { workers, close: async () => served?.close() });
}
