import type { BrokerConfiguration } from './broker.js';

/**
 * Reads the SESSION_SECRET variable, which signs the sessions; `undefined` where it isn't set.
 *
 * @throws Error when it isn't set though there may be other nodes: each would refuse the sessions of the others
 */
export function parseSessionSecret(
  value: string | undefined,
  { kind }: BrokerConfiguration,
): string | undefined {
  if (value !== undefined && value !== '') {
    return value;
  }
  if (kind === 'redis') {
    throw new Error('SESSION_SECRET must be set with BROKER=redis, to the same on all nodes.');
  }
  return undefined;
}
