import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import type { Nodes } from './nodes.js';
import { OwnConnections, type OwnConnectionsContext } from './own-connections.js';
import { SharedNodes, type SharedNodesContext } from './shared-nodes.js';
import { SingleNode } from './single-node.js';

/** Makes this node one of those that use its broker's log; alone, where the broker is not shared. */
export function joinNodes(context: OwnConnectionsContext & SharedNodesContext): Nodes {
  const id = `${hostname()}/${process.pid}/${randomBytes(6).toString('hex')}`;
  const own = new OwnConnections(context);
  return context.broker.shared === true ? new SharedNodes(id, own, context) : new SingleNode(id, own);
}
