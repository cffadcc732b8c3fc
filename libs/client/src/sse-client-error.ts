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

/**
 * Every error of the client's own. It holds nothing that a request keeps secret: no header, body or URL, whose query may be
 * a ticket.
 */
export class SseClientError extends Error {
  override readonly name = 'SseClientError';
  /** The HTTP status that the server has answered with. */
  readonly status: number | undefined;

  /** @param detail what the code doesn't say */
  constructor(
    readonly code: SseClientErrorCode,
    detail?: string | number,
    options?: ErrorOptions & { readonly status?: number },
  ) {
    super(detail === undefined ? code : `${code}: ${detail}`, options);
    this.status = options?.status;
  }
}
