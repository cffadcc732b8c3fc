import type { RetryOptions } from '@nestcast/hub';
import {
  type CallHandler,
  type ExecutionContext,
  Injectable,
  type NestInterceptor,
  SetMetadata,
  UseInterceptors,
  applyDecorators,
} from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { Observable } from 'rxjs';
import { RetryRules } from './option-rules.js';
import { type Given, assertOptions } from './option-validation.js';
import { routeOptions } from './route-options.js';
import { ResolvedSseOptions } from './sse.options.js';
import { SseRequest } from './sse-request.js';

const RETRY = Symbol('nestcast:retry');

/** Sets the hint that tells a client how long to wait before it reconnects: as `@SseRetry()` says, else as the module does. */
@Injectable()
export class SseRetryInterceptor implements NestInterceptor {
  constructor(
    private readonly reflector: Reflector,
    private readonly options: ResolvedSseOptions,
  ) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const defaults = this.options.retry;
    SseRequest.of(context).retry = routeOptions(this.reflector, RETRY, context, defaults);
    return next.handle();
  }
}

/**
 * Sets the retry hint of a route, or of all routes of a controller; what is left out is the module's.
 *
 * @throws SseError `INVALID_OPTION`
 */
export function SseRetry(options: Given<RetryOptions> = {}): ClassDecorator & MethodDecorator {
  assertOptions('@SseRetry()', RetryRules, options);
  return applyDecorators(SetMetadata(RETRY, options), UseInterceptors(SseRetryInterceptor));
}
