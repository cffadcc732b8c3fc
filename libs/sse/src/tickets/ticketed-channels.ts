import type { Channel } from '@nestcast/hub';
import { ForbiddenException } from '@nestjs/common';
import type { TicketClaims } from './ticket-claims.js';

/**
 * Holds what a handler has returned against the ticket of its request.
 *
 * @param channels `undefined` for a private stream, which is none of the channels that a ticket names
 * @throws HttpException 403 if the ticket is for other channels
 */
export function assertTicketed(
  ticket: TicketClaims | undefined,
  channels: readonly Channel[] | undefined,
): void {
  const allowed = ticket?.channels;
  if (allowed && !channels?.every(({ name }) => allowed.includes(name))) {
    throw new ForbiddenException('The ticket is for other channels.');
  }
}
