export * from './sse-error.js';
export * from './event.js';
export * from './clock.js';
export * from './broker/broker.js';
