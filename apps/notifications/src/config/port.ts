const DEFAULT_PORT = 3000;
const HIGHEST_PORT = 65_535;

/**
 * Reads the PORT variable; 0 lets the system choose a free one.
 *
 * @throws Error when it is set to anything but a port number
 */
export function parsePort(value: string | undefined): number {
  if (value === undefined || value === '') {
    return DEFAULT_PORT;
  }
  const port = /^\d+$/.test(value) ? Number(value) : NaN;
  if (!(port <= HIGHEST_PORT)) {
    throw new Error(`PORT must be an integer from 0 to ${HIGHEST_PORT}, but it is ${JSON.stringify(value)}.`);
  }
  return port;
}
