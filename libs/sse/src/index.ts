export {
  type AttachOptions,
  type BalanceOptions,
  type BrokerFactory,
  Channel,
  type ChannelEvent,
  type ChannelEventOf,
  type ChannelOptions,
  clusterBroker,
  type ClusterBrokerServer,
  type ClusterReport,
  type CloseReason,
  type CompressionOptions,
  Connection,
  type ConnectionAgeOptions,
  type ConnectionFigures,
  type ConnectionFilter,
  type ConnectionState,
  type DisconnectReason,
  type DrainOptions,
  type EventBatchOptions,
  type EventId,
  type HeartbeatOptions,
  type HistoryOptions,
  type Job,
  type LifecycleEvent,
  type LimitName,
  memoryBroker,
  type OverflowOptions,
  type HubNode,
  type Presence,
  type PressureFigures,
  type PressureOptions,
  type Producer,
  type RefusalCause,
  type RetryOptions,
  runCluster,
  type RunClusterOptions,
  serveClusterBroker,
  type ServeClusterBrokerOptions,
  SseError,
  type SseErrorCode,
  type SseEvent,
  type SseEventOf,
  type StatsSnapshot,
  type TcpKeepAliveOptions,
} from '@nestcast/hub';
export type { SseCloseRecord } from './lifecycle/sse-close-records.js';
export { OnSseConnect, OnSseDisconnect } from './lifecycle/sse-hooks.decorators.js';
export { SseConnectionLimit } from './limits/sse-connection-limit.decorator.js';
export { SseConnectionLimitGuard } from './limits/sse-connection-limit.guard.js';
export { SseModule } from './sse.module.js';
export type {
  ExpiresAt,
  Identify,
  LimitOptions,
  LimitPolicy,
  LongPollOptions,
  Refusal,
  ServerDrainOptions,
  ServerPressureOptions,
  SseModuleOptions,
  TelemetryOptions,
  TenantOf,
} from './sse.options.js';
export { SseChannel, type SseChannelOptions } from './sse-channel.decorator.js';
export { SseChannelInterceptor } from './sse-channel.interceptor.js';
export { SseChannelRegistry, type SseStats } from './sse-channel.registry.js';
export { SseCompression, SseCompressionInterceptor } from './sse-compression.interceptor.js';
export { SseHeartbeat, SseHeartbeatInterceptor } from './sse-heartbeat.interceptor.js';
export { SseJobs } from './sse-jobs.js';
export { LastEventId, SseConnection, SseSignal } from './sse-params.decorator.js';
export { SseRetry, SseRetryInterceptor } from './sse-retry.interceptor.js';
export { SseTicket } from './tickets/sse-ticket.decorator.js';
export { SseTicketGuard } from './tickets/sse-ticket.guard.js';
export { SseTicketService } from './tickets/sse-ticket.service.js';
export type { TicketClaims, TicketGrant } from './tickets/ticket-claims.js';
export type { TicketOptions } from './tickets/ticket-options.js';
