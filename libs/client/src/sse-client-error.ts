/** What went wrong; docs/errors.md says what to do about each. */
export type SseClientErrorCode =
  | 'NETWORK'
  | 'HTTP_STATUS'
  | 'NOT_AN_EVENT_STREAM'
  | 'EVENT_TOO_LARGE'
  | 'STALLED'
  | 'STREAM_BLOCKED'
  | 'REQUEST_FAILED'
  | 'MAX_RECONNECT_REACHED'
  | 'INVALID_OPTION'
  | 'INVALID_DATA'
  | 'ITERATION_OVERFLOW';

/** Every error of the client's own. */
export class SseClientError extends Error {
  override readonly name = 'SseClientError';

  constructor(
    readonly code: SseClientErrorCode,
    message: string,
    options?: ErrorOptions & {
      /** The HTTP status that the server has answered with. */
      readonly status?: number;
    },
  ) {
    super(message, options);
    this.status = options?.status;
  }

  readonly status: number | undefined;
}
