import { mkdir, mkdtemp, rm } from 'node:fs/promises';
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
/** Of a socket: macOS has room for 103 bytes, Linux for 107. */
const LONGEST_PATH = 103;
/** The name that clients of PostgreSQL look for in a folder. */
const socketIn = (folder: string): string => join(folder, `.s.PGSQL.${PORT}`);

/**
 * Opens the database in the folder and serves it on a Unix socket that only this user can reach. Its clients take turns,
 * a whole transaction each.
 *
 * @throws Error if another process has it open
 */
export async function serveEmbeddedDatabase(folder: string): Promise<ServedDatabase> {
  const embedded = await openEmbeddedDatabase(folder);
  const place = await socketFolder(folder);
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

/** An empty one of this user's, where the path of the socket is not too long for one. */
async function socketFolder(folder: string): Promise<string> {
  const inside = join(folder, 'socket');
  if (Buffer.byteLength(socketIn(inside)) > LONGEST_PATH) {
    return mkdtemp(join(tmpdir(), 'notifications-'));
  }
  // A process that was killed has left its own.
  await rm(inside, { recursive: true, force: true });
  await mkdir(inside, { mode: 0o700 });
  return inside;
}

async function listening({ engine }: EmbeddedDatabase, place: string): Promise<PGLiteSocketServer> {
  const server = new PGLiteSocketServer({
    db: inWholeQueries(engine),
    path: socketIn(place),
    maxConnections: MOST_CONNECTIONS,
  });
  await server.start();
  return server;
}
