export type { SseComponentOptions, SseControls, SseListeners, SseStreamSource } from '../component-stream.js';
export { type UseSse, useSse } from './use-sse.js';
