import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { SseRequest } from '../sse-request.js';
import { isSseRoute } from '../sse-route.js';
import { SseLimits } from './sse-limits.js';

/**
 * Refuses a stream that would go over a limit, before any other work is done for it. Put it after the guard that finds
 * out who the user is; where it comes first, the user's limit is held by the route itself. What is no `@SseChannel()`
 * route it lets through, uncounted.
 *
 * A refusal that isn't told by a status is the route's to answer, once the other guards are through: the handler doesn't
 * run then. So is the place of another, where the policy is `evict-oldest`.
 */
@Injectable()
export class SseConnectionLimitGuard implements CanActivate {
  constructor(private readonly limits: SseLimits) {}

  canActivate(context: ExecutionContext): boolean | Promise<boolean> {
    if (!isSseRoute(context)) {
      return true;
    }
    const request = SseRequest.of(context);
    try {
      const claimed = this.limits.claim(context, request, true);
      return claimed
        ? claimed.then(
            () => true,
            (error: unknown) => this.pass(error, request),
          )
        : true;
    } catch (error) {
      return this.pass(error, request);
    }
  }

  /** @throws HttpException where the status tells it */
  private pass(error: unknown, request: SseRequest): true {
    const refusal = this.limits.refusalOf(error, request);
    if (!refusal || refusal.way === 'status') {
      this.limits.refuse(refusal ?? error, request);
    }
    request.refusal = refusal;
    return true;
  }
}
