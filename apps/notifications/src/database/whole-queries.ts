import { type PGlite, protocol } from '@electric-sql/pglite';

/** First bytes of the messages that a query is made of before its Sync. [spec] PostgreSQL 17, 53.7 */
const PARTS: ReadonlySet<number | undefined> = new Set(Buffer.from('PBDECH'));
type Served = Pick<
  PGlite,
  'waitReady' | 'isInTransaction' | 'runExclusive' | 'execProtocolRawStream' | 'exec'
>;

/**
 * The engine for a `PGLiteSocketServer`, whose clients share one session: they take turns, and a turn lasts as long as
 * `isInTransaction()`. But it asks that after each message, and a query with parameters is several: another client's
 * between them would replace the statement, and each get the other's rows. So here a query that has begun is one too.
 *
 * [spec] PostgreSQL 17, 53.2.3: the messages of a query end with Sync.
 */
export function inWholeQueries(engine: PGlite): PGlite {
  let begun = false;
  const served: Served = {
    waitReady: engine.waitReady,
    isInTransaction: () => begun || engine.isInTransaction(),
    runExclusive: (work) => engine.runExclusive(work),
    execProtocolRawStream: async (message, options) => {
      begun = PARTS.has(message[0]);
      await engine.execProtocolRawStream(message, options);
    },
    // Of a client that has gone.
    exec: async (rollback) => {
      if (begun) {
        begun = false;
        await engine.execProtocolRaw(protocol.serialize.sync());
      }
      return engine.exec(rollback);
    },
  };
  return served as PGlite;
}
