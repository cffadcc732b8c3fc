import { type CanActivate, type ExecutionContext, Injectable, UnauthorizedException } from '@nestjs/common';
import { httpExceptionOf } from '../http-exception.js';
import { ResolvedSseOptions } from '../sse.options.js';
import { SseRequest } from '../sse-request.js';
import { isSseRoute } from '../sse-route.js';
import { SseTicketService } from './sse-ticket.service.js';
import type { OpenedTicket } from './ticket-seal.js';

/** The same for all that is wrong with one: who tries others learns nothing. */
const REFUSAL = 'This takes a ticket that has not been used yet; ask for another one.';

/**
 * Lets in whoever has a ticket of `SseTicketService`, once: it is used up here, whatever becomes of the request after that.
 * The stream belongs to the ticket's user. It is for `@SseChannel()` routes alone and lets nobody in to others: a ticket is
 * no session.
 */
@Injectable()
export class SseTicketGuard implements CanActivate {
  constructor(
    private readonly tickets: SseTicketService,
    private readonly options: ResolvedSseOptions,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    if (!isSseRoute(context)) {
      throw new UnauthorizedException(REFUSAL);
    }
    const request = SseRequest.of(context);
    // It may stand on the method and on the controller.
    if (!request.ticket) {
      const { claims, issuedAt } = await this.redeem(request);
      request.ticket = claims;
      request.entitledAt = issuedAt;
    }
    return true;
  }

  private async redeem(request: SseRequest): Promise<OpenedTicket> {
    const { tickets, retry } = this.options;
    const opened = await this.tickets
      .redeem(request.parameter(tickets.parameter) ?? '')
      .catch((error: unknown) => Promise.reject(httpExceptionOf(error, request, retry.ms)));
    if (!opened) {
      throw new UnauthorizedException(REFUSAL);
    }
    return opened;
  }
}
