export { type BackoffOptions } from './backoff.js';
export {
  type ControlEvents,
  type EventOf,
  type GapData,
  type GoodbyeData,
  type SseClientEvent,
} from './events.js';
export { type PerAttempt, type SseAttempt, type SseClientOptions } from './options.js';
export { type ConnectionState, type SseSnapshot, type SseStatus } from './snapshot.js';
export {
  type Listened,
  type Listener,
  type LocalEvents,
  type SseClient,
  createSseClient,
} from './sse-client.js';
export { SseClientError, type SseClientErrorCode } from './sse-client-error.js';
export { type SseClientStats, type Spread } from './stats.js';
