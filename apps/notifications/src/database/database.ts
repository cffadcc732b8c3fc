import type { PgDatabase, PgQueryResultHKT, PgTransactionConfig } from 'drizzle-orm/pg-core';

/**
 * Drizzle over PostgreSQL, embedded or on a server; also the token to inject it by. A transaction is one too, so whatever
 * takes part in one takes a `Database`. Inside a transaction use nothing but it: the embedded database has one connection,
 * so what asks past the transaction would wait for its end.
 */
export type Database = PgDatabase<PgQueryResultHKT>;
export const Database = Symbol('Database');

/** Reads that belong together see one state of the database. */
export const SNAPSHOT: PgTransactionConfig = { isolationLevel: 'repeatable read', accessMode: 'read only' };
