import type { Database } from './database.js';

/** A database that is open, and whoever has opened it closes it. */
export interface DatabaseConnection {
  readonly database: Database;
  /** Once all queries under way have ended. */
  readonly close: () => Promise<void>;
}
