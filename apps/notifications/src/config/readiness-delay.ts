const LONGEST_MS = 300_000;

/**
 * Reads the READINESS_DELAY_MS variable: how long the readiness check fails before streams end, for load balancers to find
 * out; milliseconds, 0 where it isn't set.
 *
 * @throws Error when it is set to anything but an integer from 0 to 300,000
 */
export function parseReadinessDelay(value: string | undefined): number {
  const delayMs = /^\d*$/.test(value ?? '') ? Number(value ?? '') : NaN;
  if (!(delayMs <= LONGEST_MS)) {
    throw new Error(
      `READINESS_DELAY_MS must be an integer from 0 to ${LONGEST_MS}, but it is ${JSON.stringify(value)}.`,
    );
  }
  return delayMs;
}
