import { createParamDecorator } from '@nestjs/common';
import { SseRequest } from '../sse-request.js';
import type { TicketClaims } from './ticket-claims.js';

/** What the ticket says that the request came with; `undefined` where no `SseTicketGuard` has taken one. */
export const SseTicket = createParamDecorator(
  (_data: undefined, context): TicketClaims | undefined => SseRequest.of(context).ticket,
);
