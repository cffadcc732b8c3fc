export type { SseComponentOptions, SseControls, SseListeners, SseStreamSource } from '../component-stream.js';
export { type SseSelection, type SseView, type UseSseOptions, useSse } from './use-sse.js';
