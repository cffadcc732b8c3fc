/** Where `@SseConnectionLimit()` leaves its options. */
export const CONNECTION_LIMIT = Symbol('nestcast:connection-limit');
