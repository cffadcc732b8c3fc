import type { BrokerFactory, HistoryOptions } from './broker/broker.js';
import { memoryBroker } from './broker/memory-broker.js';
import type { ChannelOptionsByName } from './channel-options.js';
import type { ContentCoding, SharedCoding } from './protocol/payload.js';

/** Signs of life on quiet streams. */
export interface HeartbeatOptions {
  /** How long a stream may be quiet before it gets one; milliseconds, 0 for never. Default 15,000. */
  readonly intervalMs: number;
  /** As the event `sse:heartbeat`, which scripts see, instead of a comment. Default `false`. */
  readonly visible: boolean;
}

/** The first hint of every stream: how long a client waits before it reconnects. */
export interface RetryOptions {
  /** Milliseconds. Default 3,000. */
  readonly ms: number;
  /** Each connection's own hint lies within ± this share of {@link ms}, 0 to 1. Default 0.3. */
  readonly jitter: number;
}

export interface CompressionOptions {
  /**
   * In the order of preference; empty for none. Default gzip. zstd needs Node.js 22.15 here, and a client that reads every
   * frame of a chunk: browsers and curl do, Node's own decoder loses all but the first (nodejs/node#64741). br takes an
   * encoder of 430 KB for each connection, and is for private streams alone: a stream of channels has one of the others.
   */
  readonly encodings: readonly Exclude<ContentCoding, 'identity'>[];
  /** What is smaller is stored, not compressed; bytes. Default 512. Of no meaning to br, which finds out by itself. */
  readonly thresholdBytes: number;
}

/**
 * What happens to a connection whose client reads too slowly. Until its socket has drained it gets nothing more; then
 * - `catch-up`: all that it missed, from the log (a gap where the log has moved on). A private stream has no log: there
 *   it is as `disconnect`.
 * - `conflate`: of events with a `key` only the newest of each key (and channel), and all without one. What a private
 *   stream may hold back for it is bounded by {@link OverflowOptions.maxBufferedBytes}; beyond it is as `disconnect`.
 * - `drop-oldest`: the newest that fit into {@link OverflowOptions.maxBufferedBytes}, after a gap with the reason
 *   `overflow` if that isn't all.
 * - `disconnect`: nothing, it is closed at once with the reason `overflow`.
 */
export type OverflowPolicy = 'catch-up' | 'conflate' | 'drop-oldest' | 'disconnect';

export interface OverflowOptions {
  /** Bytes that may wait in this process for one client. Default 1,048,576. */
  readonly maxBufferedBytes: number;
  /** Default `catch-up`. */
  readonly policy: OverflowPolicy;
  /**
   * How long bytes may wait for a client whose socket takes none of them: it is cut off then, whatever the policy, with the
   * reason `overflow`. Milliseconds, found out up to half of it later; 0 for never. Default 30,000.
   */
  readonly stallMs: number;
}

export interface ConnectionAgeOptions {
  /** Milliseconds, 0 for no limit. Default 3,600,000 (one hour). */
  readonly ms: number;
  /** Each connection's own age lies within ± this share of {@link ms}, 0 to 1. Default 0.2. */
  readonly jitter: number;
}

/** Probes by which the operating system finds out that the peer of a quiet stream is gone without a word. */
export interface TcpKeepAliveOptions {
  /** How long a socket is quiet before the first probe; milliseconds, in whole seconds; 0 for none. Default 30,000. */
  readonly initialDelayMs: number;
}

export interface DrainOptions {
  /** Over how many milliseconds the reconnects of all clients are spread, once a quarter of it has passed. Default 5,000. */
  readonly reconnectWindowMs: number;
  /** How long readiness is down before streams end; milliseconds. Default 0. */
  readonly readinessDelayMs: number;
}

/**
 * When a node has enough to do: above a mark it takes no new connection (`UNDER_PRESSURE`) and closes some of those that
 * lag or are idle; events go on. It is over when all figures are a tenth below their marks.
 */
export interface PressureOptions {
  /**
   * How long what is due may wait for the event loop, on average over a sample and over the one before; milliseconds, 0 for
   * no mark. Default 500.
   */
  readonly eventLoopDelayMs: number;
  /** How much of the heap (`--max-old-space-size`) may be in use, 0 to 1; 0 for no mark. Default 0.9. */
  readonly heapUsedRatio: number;
  /** Between two samples, while there are connections; milliseconds. Default 1,000. */
  readonly sampleMs: number;
  /** Without an event for this long a connection is idle, heartbeats not counted; milliseconds. Default 60,000. */
  readonly idleMs: number;
  /** Which share of the connections is closed at most with each sample above a mark, 0 to 1; 0 for none. Default 0.05. */
  readonly shedRatio: number;
}

/**
 * When a node has far more than its share of the connections, where its broker tells nodes of each other's: it closes some, the
 * quietest first, which come back to whichever node takes them.
 */
export interface BalanceOptions {
  /** How far above its share a node may be, as a part of the share: 0.2 is a fifth. Default 0.2. */
  readonly surplusRatio: number;
  /** And by how many connections at least; default 10. */
  readonly surplusMin: number;
  /** Which part of its connections a node closes at most in a round, 0 to 1; 0 for none. Default 0.1. */
  readonly shedRatio: number;
  /** Between two rounds; milliseconds. Longer than clients take to come back. Default 10,000. */
  readonly intervalMs: number;
}

/** What can be set for one connection. */
export interface ConnectionOptions {
  readonly heartbeat: HeartbeatOptions;
  readonly retry: RetryOptions;
  /** `undefined`: never compressed. */
  readonly compression: CompressionOptions | undefined;
  readonly overflow: OverflowOptions;
  readonly maxConnectionAge: ConnectionAgeOptions;
  readonly tcpKeepAlive: TcpKeepAliveOptions;
}

/** How a connection is opened, once its route has been through guards, interceptors and handler. */
export interface OpenOptions extends ConnectionOptions {
  /** Negotiated with the client. */
  readonly coding: ContentCoding;
  /** Whether another request could have got another coding, which `Vary` tells caches. */
  readonly negotiated: boolean;
  /**
   * Whether a client that gets no id with its first bytes gets one that only says that it has been here
   * ({@link RETURN_ID}). Default `false`.
   */
  readonly marksReturn?: boolean;
  /** Beside those of every event stream. Default: none. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** The same for a stream of channels, which has its bytes in common with all who listen. */
export interface ChannelOpenOptions extends OpenOptions {
  readonly coding: SharedCoding;
  /**
   * Set, it ends as soon as its client has something to go on with, or has waited for this long; milliseconds, 0: with what there
   * is now. Default: it stays open.
   */
  readonly longPollMs?: number;
}

export interface HubOptions extends ConnectionOptions {
  readonly broker: BrokerFactory;
  readonly history: HistoryOptions;
  readonly drain: DrainOptions;
  readonly pressure: PressureOptions;
  readonly balance: BalanceOptions;
  readonly channels: ChannelOptionsByName;
}

/** Every option's default, in one place. */
export const hubDefaults: HubOptions & { readonly compression: CompressionOptions } = {
  broker: memoryBroker(),
  history: { maxEvents: 1_000, maxAgeMs: 600_000 },
  heartbeat: { intervalMs: 15_000, visible: false },
  retry: { ms: 3_000, jitter: 0.3 },
  compression: { encodings: ['gzip'], thresholdBytes: 512 },
  overflow: { maxBufferedBytes: 1_048_576, policy: 'catch-up', stallMs: 30_000 },
  maxConnectionAge: { ms: 3_600_000, jitter: 0.2 },
  tcpKeepAlive: { initialDelayMs: 30_000 },
  drain: { reconnectWindowMs: 5_000, readinessDelayMs: 0 },
  pressure: { eventLoopDelayMs: 500, heapUsedRatio: 0.9, sampleMs: 1_000, idleMs: 60_000, shedRatio: 0.05 },
  balance: { surplusRatio: 0.2, surplusMin: 10, shedRatio: 0.1, intervalMs: 10_000 },
  channels: {},
};

/** A whole number of milliseconds within ± `share` of `ms`. */
export function jittered(ms: number, share: number): number {
  return Math.round(ms * (1 + share * (2 * Math.random() - 1)));
}
