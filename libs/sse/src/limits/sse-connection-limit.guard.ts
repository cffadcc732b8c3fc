import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { SseRequest } from '../sse-request.js';
import { isSseRoute } from '../sse-route.js';
import { SseLimits } from './sse-limits.js';

/**
 * Refuses a stream that would go over a limit, before any other work is done for it. Put it after the guard that finds
 * out who the user is; where it comes first, the user's limit is held by the route itself. What is no `@SseChannel()`
 * route it lets through, uncounted.
 */
@Injectable()
export class SseConnectionLimitGuard implements CanActivate {
  constructor(private readonly limits: SseLimits) {}

  canActivate(context: ExecutionContext): boolean {
    if (isSseRoute(context)) {
      this.limits.claim(context, SseRequest.of(context), true);
    }
    return true;
  }
}
