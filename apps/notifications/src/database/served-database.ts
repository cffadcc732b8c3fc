import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { PGLiteSocketServer } from '@electric-sql/pglite-socket';

import { type EmbeddedDatabase, openEmbeddedDatabase } from './embedded-database.js';
import { inWholeQueries } from './whole-queries.js';

/** An embedded database that other processes of this machine and user can use as if it were a server. */
export interface ServedDatabase {
  /** What they take as `DATABASE_URL`. */
  readonly url: string;
  close(): Promise<void>;
}

/** Far more than all the workers' pools together. */
const MOST_CONNECTIONS = 1_000;
const PORT = 5432;

/**
 * Opens the database in the folder and serves it on a Unix socket that only this user can reach. Its clients take turns,
 * a whole transaction each.
 *
 * @throws Error if another process has it open
 */
export async function serveEmbeddedDatabase(folder: string): Promise<ServedDatabase> {
  const embedded = await openEmbeddedDatabase(folder);
  // Not in the folder: the path of a socket has room for some hundred characters.
  const place = await mkdtemp(join(tmpdir(), 'notifications-'));
  const server = await listening(embedded, place);
  return {
    url: `postgresql://postgres@${encodeURIComponent(place)}:${PORT}/postgres`,
    close: async () => {
      await server.stop();
      await embedded.close();
      await rm(place, { recursive: true });
    },
  };
}

async function listening({ engine }: EmbeddedDatabase, place: string): Promise<PGLiteSocketServer> {
  const server = new PGLiteSocketServer({
    db: inWholeQueries(engine),
    // The name that clients of PostgreSQL look for in a folder.
    path: join(place, `.s.PGSQL.${PORT}`),
    maxConnections: MOST_CONNECTIONS,
  });
  await server.start();
  return server;
}
