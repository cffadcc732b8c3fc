import type { SseStats } from '@nestcast/sse';

import type { Percentiles } from './percentiles.js';

/** What a node does at the moment; also the data of the event `node.figures`. */
export interface NodeFigures {
  /** The id is another one after a restart. */
  readonly node: { readonly id: string; readonly name: string };
  readonly connections: number;
  /** Users with a connection. */
  readonly users: number;
  readonly channels: number;
  /** Connections that read too slowly. */
  readonly lagging: number;
  /** Events given to the broker. */
  readonly publishedPerSecond: number;
  /** Events written to connections. */
  readonly deliveredPerSecond: number;
  readonly bytesPerSecond: number;
  /** Since the start of the node: requests that got no stream, by what stood against it. */
  readonly refusals: Readonly<Record<string, number>>;
  /** Since the start of the node: streams that have ended, by the reason. */
  readonly closes: Readonly<Record<string, number>>;
  /** Since the start of the node: gaps that clients were told. */
  readonly gaps: number;
  /** Of the whole process (resident set). */
  readonly memoryBytes: number;
  /** Of one processor, 0 to as many as there are; `null` until it has been measured twice. */
  readonly processorShare: number | null;
  readonly eventLoopDelayMs: number;
  /** Whether the node takes no new connections for now. */
  readonly underPressure: boolean;
  /** From the publishing of an event until it is written to all connections of the node; `null`: none of late. */
  readonly publishMs: Percentiles | null;
  /** From a request's arrival until the headers of its stream are sent; `null`: none of late. */
  readonly openMs: Percentiles | null;
  /** Events of the outbox that are not published yet, the same for all nodes; `null`: the database doesn't answer. */
  readonly outboxWaiting: number | null;
}

/** What of them the hub's figures don't have. */
export type OtherFigures = Pick<
  NodeFigures,
  'node' | 'users' | 'processorShare' | 'publishMs' | 'openMs' | 'outboxWaiting'
>;

export function nodeFiguresOf(stats: SseStats, others: OtherFigures): NodeFigures {
  const { connections, channels, lagging, refusals, closes, gaps, rates, process, pressure } = stats;
  return {
    ...others,
    connections,
    channels,
    lagging,
    refusals,
    closes,
    gaps: Object.values(gaps).reduce((sum, count) => sum + count, 0),
    publishedPerSecond: rates.published,
    deliveredPerSecond: rates.delivered,
    bytesPerSecond: rates.bytes,
    memoryBytes: process.rss,
    eventLoopDelayMs: pressure.eventLoopDelayMs,
    underPressure: pressure.under,
  };
}
