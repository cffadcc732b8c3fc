import type { RetryOptions } from '@nestcast/hub';
import { Injectable } from '@nestjs/common';
import { RetryRules } from './option-rules.js';
import type { Given } from './option-validation.js';
import { RouteOptionsInterceptor, routeOptionsDecorator } from './route-options.js';
import type { SseRequest } from './sse-request.js';

const RETRY = Symbol('nestcast:retry');

/** Sets the hint that tells a client how long to wait before it reconnects: as `@SseRetry()` says, else as the module does. */
@Injectable()
export class SseRetryInterceptor extends RouteOptionsInterceptor {
  protected setOptions(
    request: SseRequest,
    ofRoute: <T extends object>(key: symbol, defaults: T) => T,
  ): void {
    request.retry = ofRoute(RETRY, this.module.retry);
  }
}

/**
 * Sets the retry hint of a route, or of all routes of a controller; what is left out is the module's.
 *
 * @throws SseError `INVALID_OPTION`
 */
export function SseRetry(options: Given<RetryOptions> = {}): ClassDecorator & MethodDecorator {
  return routeOptionsDecorator('@SseRetry()', RetryRules, options, RETRY, SseRetryInterceptor);
}
