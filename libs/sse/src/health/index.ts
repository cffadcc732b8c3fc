export { SseCanaryIndicator, type SseCanaryOptions } from './sse-canary.indicator.js';
export { SseHealthIndicator, type SseHealthOptions } from './sse-health.indicator.js';
