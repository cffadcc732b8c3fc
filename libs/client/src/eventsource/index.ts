export { EventSource } from './event-source.js';
export type {
  EventSourceErrorEvent,
  EventSourceEventMap,
  EventSourceMessageEvent,
} from './event-source-events.js';
export type { EventSourceInit } from './event-source-init.js';
export { SseClientError, type SseClientErrorCode } from '../sse-client-error.js';
