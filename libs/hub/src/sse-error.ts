/** Every code an {@link SseError} can carry. docs/errors.md lists each with its cause and cure. */
export type SseErrorCode =
  | 'INVALID_EVENT_TYPE'
  | 'INVALID_EVENT_DATA'
  | 'INVALID_EVENT_ID'
  | 'INVALID_EVENT_KEY'
  | 'INVALID_RETRY'
  | 'INVALID_CHANNEL_NAME'
  | 'INVALID_HANDLER_RESULT'
  | 'INVALID_OPTION'
  | 'LIMIT_EXCEEDED'
  | 'BROKER_CLOSED'
  | 'BROKER_UNAVAILABLE'
  | 'JOB_RUNNING'
  | 'DRAINING'
  | 'UNDER_PRESSURE';

/**
 * The one error class of the hub. `code` is for programs, `message` says what was wrong and what to do about it.
 */
export class SseError extends Error {
  override readonly name = 'SseError';

  constructor(
    readonly code: SseErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
