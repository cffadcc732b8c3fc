import cluster from 'node:cluster';
import { hostname } from 'node:os';

import type { BrokerConfiguration } from './broker.js';

/**
 * Reads the NODE_NAME variable: what the page calls this node. By default a worker's number, or host and process; none
 * where there is only one node.
 *
 * @throws Error when it is set to anything but 1 to 40 letters, digits, dots, dashes, underscores, colons or blanks
 */
export function parseNodeName(value: string | undefined, { kind }: BrokerConfiguration): string | undefined {
  if (value !== undefined && value !== '') {
    if (!/^[\w.: -]{1,40}$/.test(value)) {
      throw new Error(
        'NODE_NAME must have 1 to 40 letters, digits, dots, dashes, underscores, colons or blanks, ' +
          `but it is ${JSON.stringify(value)}.`,
      );
    }
    return value;
  }
  if (kind === 'memory') {
    return undefined;
  }
  return cluster.worker ? `worker ${cluster.worker.id}` : `${hostname()}:${process.pid}`;
}
