import { fileURLToPath } from 'node:url';

// The same distance from src/ (tests) and from dist/ (production).
const FOLDER = fileURLToPath(new URL('../../migrations', import.meta.url));

/** What `migrate()` of Drizzle's drivers takes. */
export const MIGRATIONS = { migrationsFolder: FOLDER } as const;
