/** What the page shows of the node that serves it; also the data of the event `node.figures`. */
export interface NodeFigures {
  readonly connections: number;
  readonly channels: number;
  /** Connections that read too slowly. */
  readonly lagging: number;
  /** Events written to connections since the last figures, by the second. */
  readonly eventsPerSecond: number;
  readonly bytesPerSecond: number;
  /** Of the whole process (resident set). */
  readonly memoryBytes: number;
}

/** The counters that rates are taken of. */
interface Counters {
  readonly delivered: number;
  readonly bytes: number;
  /** Milliseconds, of a clock that never goes back. */
  readonly at: number;
}

export interface NodeSample
  extends Counters, Pick<NodeFigures, 'connections' | 'channels' | 'lagging' | 'memoryBytes'> {}

/** What has changed from one sample to the next. */
export function figuresBetween(before: Counters, now: NodeSample): NodeFigures {
  const { connections, channels, lagging, memoryBytes } = now;
  const seconds = (now.at - before.at) / 1_000;
  const rate = (name: 'delivered' | 'bytes'): number =>
    seconds > 0 ? Math.round((10 * (now[name] - before[name])) / seconds) / 10 : 0;
  return {
    connections,
    channels,
    lagging,
    memoryBytes,
    eventsPerSecond: rate('delivered'),
    bytesPerSecond: Math.round(rate('bytes')),
  };
}
