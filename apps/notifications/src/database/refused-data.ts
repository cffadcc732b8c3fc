/** Data exceptions, and violations of constraints. [spec] SQLSTATE, ISO/IEC 9075 */
const CLASSES = new Set(['22', '23']);

/** Whether the database has refused the data itself: it would do so however often it is asked. */
export function refusesData(error: unknown): boolean {
  if (!(error instanceof Error)) {
    return false;
  }
  const { code } = error as { readonly code?: unknown };
  const refuses = typeof code === 'string' && code.length === 5 && CLASSES.has(code.slice(0, 2));
  // Drizzle's own error has the driver's as its cause.
  return refuses || refusesData(error.cause);
}
