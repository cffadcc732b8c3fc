/** Whom a ticket is issued to, and what for. */
export interface TicketGrant {
  readonly userId: string | number;
  /** The only channels that its stream may have; left out: those that the handler returns. */
  readonly channels?: readonly string[] | undefined;
  readonly tenant?: string | number | undefined;
  /**
   * When the right to read ends, and with it the stream, for instance with the session that the ticket is issued in; a Date
   * or milliseconds since the Unix epoch. Default: as the module's `expiresAt` tells.
   */
  readonly expiresAt?: Date | number | undefined;
}

/** What a ticket that was presented says. */
export interface TicketClaims {
  readonly userId: string;
  readonly channels: readonly string[] | undefined;
  readonly tenant: string | undefined;
  /** Milliseconds since the Unix epoch. */
  readonly expiresAt: number | undefined;
}
