import type { HubNode, SseStats } from '@nestcast/sse';

/** What the page shows of the node that serves it; also the data of the event `node.figures`. */
export interface NodeFigures {
  readonly connections: number;
  /** Users with a connection. */
  readonly users: number;
  readonly channels: number;
  /** Connections that read too slowly. */
  readonly lagging: number;
  /** Requests that got no stream, since the start of the node, for whatever reason. */
  readonly refusals: number;
  /** Events written to connections. */
  readonly eventsPerSecond: number;
  readonly bytesPerSecond: number;
  /** Of the whole process (resident set). */
  readonly memoryBytes: number;
  readonly eventLoopDelayMs: number;
  /** Whether the node takes no new connections for now. */
  readonly underPressure: boolean;
  /** Of all nodes that are alive, this one among them; `undefined` where there are no others. */
  readonly all?: { readonly nodes: number; readonly connections: number } | undefined;
}

export function nodeFiguresOf(stats: SseStats, users: number, nodes: readonly HubNode[]): NodeFigures {
  const { connections, channels, lagging, refusals, rates, process, pressure } = stats;
  return {
    connections,
    users,
    channels,
    lagging,
    refusals: Object.values(refusals).reduce((sum, count) => sum + count, 0),
    eventsPerSecond: rates.delivered,
    bytesPerSecond: rates.bytes,
    memoryBytes: process.rss,
    eventLoopDelayMs: pressure.eventLoopDelayMs,
    underPressure: pressure.under,
    all: nodes.length > 1 ? { nodes: nodes.length, connections: connectionsOf(nodes) } : undefined,
  };
}

function connectionsOf(nodes: readonly HubNode[]): number {
  return nodes.reduce((sum, { connections }) => sum + connections, 0);
}
