export { type AttachOptions } from './attachment.js';
export * from './broker/broker.js';
export { type Cursor, formatCursor, parseCursor } from './broker/cursor.js';
export { ClusterBroker, clusterBroker } from './broker/cluster/cluster-broker.js';
export { ClusterLog, type ClusterLogContext } from './broker/cluster/cluster-log.js';
export type { ClusterReport } from './broker/cluster/cluster-report.js';
export { IpcLink, type IpcPeer, type Link } from './broker/cluster/link.js';
export { type RunClusterOptions, runCluster } from './broker/cluster/run-cluster.js';
export {
  type ClusterBrokerServer,
  type ServeClusterBrokerOptions,
  serveClusterBroker,
} from './broker/cluster/serve-cluster-broker.js';
export { memoryBroker } from './broker/memory-broker.js';
export { Channel, type ChannelEvent, type ChannelEventOf } from './channel.js';
export { assertChannelName } from './channel-name.js';
export {
  type ChannelOptions,
  type ChannelOptionsByName,
  type EventBatchOptions,
  channelDefaults,
} from './channel-options.js';
export { ChannelPatterns } from './channel-patterns.js';
export type { Cancel, Clock } from './clock.js';
export type { ConnectionFilter } from './connection-filter.js';
export { Connection } from './delivery/connection.js';
export { HubConnection } from './delivery/hub-connection.js';
export type { ConnectionFigures } from './delivery/connection-figures.js';
export type { ConnectionInit, ConnectionLabels, ConnectionState } from './delivery/connection-init.js';
export type { PrivateStream } from './delivery/private-stream.js';
export type { ChannelNames } from './delivery/reader.js';
export * from './event.js';
export type { SseEventOf } from './event-map.js';
export { Hub } from './hub.js';
export type { DisconnectReason } from './disconnect-reason.js';
export type { HubEnvironment } from './hub-environment.js';
export type { HubObserver } from './hub-observer.js';
export type { LifecycleEvent } from './lifecycle-event.js';
export * from './hub-options.js';
export type { StatsSnapshot } from './hub-stats.js';
export type { ProcessFigures, RateFigures } from './node-figures.js';
export { type Pullable, pull } from './delivery/pull.js';
export { type Job, type JobSource, Jobs, type Producer } from './jobs.js';
export type * from './limits/lease-store.js';
export { NodeLeases } from './limits/node-leases.js';
export type { LimitName, RefusalCause } from './limits/refusal-cause.js';
export {
  type CloseReason,
  type ConnectedData,
  type GapData,
  type GoodbyeData,
  goodbyeFrame,
  RETURN_ID,
  type ServerCloseReason,
} from './protocol/control-event.js';
export { idFrame } from './protocol/frame.js';
export { inContextOfSubscriber, inThisContext } from './own-context.js';
export type { ContentCoding, Framing, SharedCoding } from './protocol/payload.js';
export { zstdSupported } from './protocol/zstd.js';
export type { Presence } from './presence.js';
export type { HubNode } from './nodes/node-directory.js';
export { NodePressureProbe } from './pressure/node-pressure-probe.js';
export type { PressureFigures } from './pressure/pressure.js';
export type { PressureProbe, PressureSample } from './pressure/pressure-probe.js';
export { SseError, type SseErrorCode } from './sse-error.js';
export { TimerWheel } from './timer-wheel.js';
export { eventStreamHeaders } from './transport/event-stream-headers.js';
export { Http1Transport, answerAtOnce } from './transport/http1-transport.js';
export { type OverListener, type Transport, whenOver } from './transport/transport.js';
