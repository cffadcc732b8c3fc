import {
  type BalanceOptions,
  type BrokerFactory,
  type ChannelOptions,
  type ChannelOptionsByName,
  type CompressionOptions,
  type ConnectionAgeOptions,
  type DrainOptions,
  type EventBatchOptions,
  type HeartbeatOptions,
  type HistoryOptions,
  type HubOptions,
  type OverflowOptions,
  type PressureOptions,
  type RetryOptions,
  type TcpKeepAliveOptions,
  channelDefaults,
  hubDefaults,
} from '@nestcast/hub';
import { ModuleOptionsRules } from './option-rules.js';
import { type Given, assertOptions, withDefaults } from './option-validation.js';
import { type TicketOptions, ticketDefaults } from './tickets/ticket-options.js';

/**
 * How a request that gets no stream is told:
 * - `status`: 429, or 503 where the node can take nobody, with Retry-After. A native EventSource gives up for good.
 * - `stream`: 200 and a stream that ends at once, with `retry:` and `sse:goodbye`: an EventSource comes back by itself.
 * - `stop`: 204, after which an EventSource doesn't come back.
 */
export type Refusal = 'status' | 'stream' | 'stop';

/**
 * What happens where a limit is used up:
 * - `reject-new`: the new connection is refused.
 * - `evict-oldest`: the connection that has been there for longest makes room, if its route has this policy as well: it is
 *   closed with the reason `server`. Only for a first open; one that comes back by itself, with a Last-Event-ID, is refused,
 *   or two clients would push each other out for ever.
 */
export type LimitPolicy = 'reject-new' | 'evict-oldest';

/**
 * How many connections there may be: on all nodes together where the broker counts them (its capability `leases`), else on this
 * node. A field that is left out sets no limit.
 */
export interface LimitOptions {
  /** Of all. Default 10,000. */
  readonly total?: number | undefined;
  /** Of one user, as `identify` tells. Default none; 3 on a route with the guard and no other value. */
  readonly perUser?: number | undefined;
  /** From one address, as the server resolves it (behind proxies: trust them in Express or Fastify). Default none. */
  readonly perIp?: number | undefined;
  /** To one channel. Default none. */
  readonly perChannel?: number | undefined;
  /** Attempts of one user, or of one address where there is no user. Default none. */
  readonly opensPerMinute?: number | undefined;
  /** Default `reject-new`. Opens a minute are always refused. */
  readonly policy?: LimitPolicy | undefined;
  /** Default `status`. */
  readonly refusal?: Refusal | undefined;
}

/** {@link PressureOptions}, and how requests are refused that come while a figure is above its mark. */
export interface ServerPressureOptions extends PressureOptions {
  /** Default: as `limits.refusal`. A route's own goes before. */
  readonly refusal?: Refusal | undefined;
}

/** {@link DrainOptions}, and how requests are refused that come during the drain. */
export interface ServerDrainOptions extends DrainOptions {
  /** Default: as `limits.refusal`. A route's own goes before. `stop` ends EventSources for good. */
  readonly refusal?: Refusal | undefined;
}

/**
 * Tells who a connection belongs to, for limits, presence and `disconnect({ userId })`. It is synchronous: the guard asks
 * it, and the route again, whose answer counts, when all guards are through.
 */
// oxlint-disable-next-line typescript/no-explicit-any -- the request is Express's, Fastify's, or the application's own type
export type Identify = (request: any) => string | number | undefined;

/** Tells which of the application's customers a connection belongs to, for `disconnect({ tenant })`. Synchronous. */
// oxlint-disable-next-line typescript/no-explicit-any -- as above
export type TenantOf = (request: any) => string | number | null | undefined;

/**
 * Tells when the right to read ends: a Date, or milliseconds since the Unix epoch (of a JWT, `exp * 1000`). Synchronous,
 * asked once all guards are through. In the past: 401, and the handler isn't called.
 */
// oxlint-disable-next-line typescript/no-explicit-any -- as above
export type ExpiresAt = (request: any) => Date | number | null | undefined;

/** {@link ChannelOptions} as they are given. `batch: {}` is enough to publish in batches. */
export type GivenChannelOptions = Given<Omit<ChannelOptions, 'batch'>> & {
  readonly batch?: Given<EventBatchOptions> | undefined;
};

/**
 * How long a request that asks for it (`Prefer: wait=…`) may wait for its answer where a stream of channels would be one without an
 * end: for clients that no stream gets through to.
 */
export interface LongPollOptions {
  /**
   * Milliseconds, rounded down to whole seconds, less than what proxies on the way wait for an answer; 0: such requests get a stream
   * like all others. Default 25,000.
   */
  readonly maxWaitMs: number;
}

export interface TelemetryOptions {
  /**
   * What metrics tell channels apart by, as the names of {@link SseModuleOptions.channels} do: names, or a prefix and `*`, as
   * in `'user/*'`. All other channels are `other`, so that there are never more series than the application says.
   * Default none.
   */
  readonly channelPatterns: readonly string[];
  /** A span for each batch that a node delivers, linked to those of its events' publishing. Default `false`. */
  readonly eventSpans: boolean;
}

/** What `SseModule.forRoot()` takes. Whatever is left out, field by field, has its documented default. */
export interface SseModuleOptions {
  /** The engine under the channels. Default `memoryBroker()`. */
  readonly broker?: BrokerFactory;
  readonly history?: Given<HistoryOptions>;
  readonly heartbeat?: Given<HeartbeatOptions>;
  readonly retry?: Given<RetryOptions>;
  /** Given, streams of all routes are compressed; left out, those of routes with `@SseCompression()`. */
  readonly compression?: Given<CompressionOptions>;
  readonly limits?: LimitOptions;
  readonly overflow?: Given<OverflowOptions>;
  readonly maxConnectionAge?: Given<ConnectionAgeOptions>;
  readonly tcpKeepAlive?: Given<TcpKeepAliveOptions>;
  readonly longPoll?: Given<LongPollOptions>;
  readonly drain?: Given<ServerDrainOptions>;
  readonly pressure?: Given<ServerPressureOptions>;
  /** With a broker that tells nodes of each other's load, as `clusterBroker()` does. */
  readonly balance?: Given<BalanceOptions>;
  readonly tickets?: Given<TicketOptions>;
  /**
   * Options of single channels, by name or by a pattern: a prefix and `*` at its end, as in `'prices/*'`. An exact name goes
   * before patterns, and among these the longest prefix. Default: none.
   */
  readonly channels?: Readonly<Record<string, GivenChannelOptions | undefined>>;
  /** What OpenTelemetry is told, where the application has an SDK registered before it starts. */
  readonly telemetry?: Given<TelemetryOptions>;
  /** Whether the log has a line for each stream that has closed. Default `true`. */
  readonly closeRecords?: boolean | undefined;
  /** Default: `request.user?.id`. */
  readonly identify?: Identify;
  /** Default: none has a tenant. */
  readonly tenant?: TenantOf | undefined;
  /** Default: a right to read doesn't end by itself. */
  readonly expiresAt?: ExpiresAt | undefined;
}

/** The module's options with every default filled in. Token and type in one. */
export abstract class ResolvedSseOptions implements HubOptions {
  abstract readonly broker: BrokerFactory;
  abstract readonly history: HistoryOptions;
  abstract readonly heartbeat: HeartbeatOptions;
  abstract readonly retry: RetryOptions;
  abstract readonly compression: CompressionOptions | undefined;
  abstract readonly limits: LimitOptions;
  abstract readonly overflow: OverflowOptions;
  abstract readonly maxConnectionAge: ConnectionAgeOptions;
  abstract readonly tcpKeepAlive: TcpKeepAliveOptions;
  abstract readonly longPoll: LongPollOptions;
  abstract readonly drain: ServerDrainOptions;
  abstract readonly pressure: ServerPressureOptions;
  abstract readonly balance: BalanceOptions;
  abstract readonly tickets: TicketOptions;
  abstract readonly channels: ChannelOptionsByName;
  abstract readonly telemetry: TelemetryOptions;
  abstract readonly closeRecords: boolean;
  abstract readonly identify: Identify;
  abstract readonly tenant: TenantOf | undefined;
  abstract readonly expiresAt: ExpiresAt | undefined;
}

const DEFAULT_TELEMETRY: TelemetryOptions = { channelPatterns: [], eventSpans: false };
const DEFAULT_LONG_POLL: LongPollOptions = { maxWaitMs: 25_000 };
const DEFAULT_LIMITS: LimitOptions = { total: 10_000 };

/** @throws SseError `INVALID_OPTION`, naming every option that is wrong or unknown */
export function resolveSseOptions(options: SseModuleOptions): ResolvedSseOptions {
  assertOptions('SseModule', ModuleOptionsRules, options);
  return {
    broker: options.broker ?? hubDefaults.broker,
    history: withDefaults(hubDefaults.history, options.history),
    heartbeat: withDefaults(hubDefaults.heartbeat, options.heartbeat),
    retry: withDefaults(hubDefaults.retry, options.retry),
    compression: options.compression && withDefaults(hubDefaults.compression, options.compression),
    limits: withDefaults(DEFAULT_LIMITS, options.limits),
    overflow: withDefaults(hubDefaults.overflow, options.overflow),
    maxConnectionAge: withDefaults(hubDefaults.maxConnectionAge, options.maxConnectionAge),
    tcpKeepAlive: withDefaults(hubDefaults.tcpKeepAlive, options.tcpKeepAlive),
    longPoll: withDefaults(DEFAULT_LONG_POLL, options.longPoll),
    drain: withDefaults<ServerDrainOptions>(hubDefaults.drain, options.drain),
    pressure: withDefaults<ServerPressureOptions>(hubDefaults.pressure, options.pressure),
    balance: withDefaults(hubDefaults.balance, options.balance),
    tickets: withDefaults(ticketDefaults, options.tickets),
    channels: resolveChannels(options.channels),
    telemetry: withDefaults(DEFAULT_TELEMETRY, options.telemetry),
    closeRecords: options.closeRecords ?? true,
    identify: options.identify ?? ((request: { user?: { id?: string | number } }) => request.user?.id),
    tenant: options.tenant,
    expiresAt: options.expiresAt,
  };
}

function resolveChannels(given: SseModuleOptions['channels']): ChannelOptionsByName {
  const named = Object.entries(given ?? {}).map(([name, { coalesceMs, batch } = {}]) => {
    const options: ChannelOptions = {
      coalesceMs: coalesceMs ?? channelDefaults.coalesceMs,
      batch: batch && withDefaults(channelDefaults.batch, batch),
    };
    return [name, options] as const;
  });
  return Object.fromEntries(named);
}
