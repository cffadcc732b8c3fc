import type { HeartbeatOptions } from '@nestcast/hub';
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
import { HeartbeatRules } from './option-rules.js';
import { type Given, assertOptions } from './option-validation.js';
import { routeOptions } from './route-options.js';
import { ResolvedSseOptions } from './sse.options.js';
import { SseRequest } from './sse-request.js';

const HEARTBEAT = Symbol('nestcast:heartbeat');

/** Sets how a stream shows signs of life while it is quiet: as `@SseHeartbeat()` says, else as the module does. */
@Injectable()
export class SseHeartbeatInterceptor implements NestInterceptor {
  constructor(
    private readonly reflector: Reflector,
    private readonly options: ResolvedSseOptions,
  ) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const defaults = this.options.heartbeat;
    SseRequest.of(context).heartbeat = routeOptions(this.reflector, HEARTBEAT, context, defaults);
    return next.handle();
  }
}

/**
 * Sets the heartbeat of a route, or of all routes of a controller; what is left out is the module's.
 *
 * @throws SseError `INVALID_OPTION`
 */
export function SseHeartbeat(options: Given<HeartbeatOptions> = {}): ClassDecorator & MethodDecorator {
  assertOptions('@SseHeartbeat()', HeartbeatRules, options);
  return applyDecorators(SetMetadata(HEARTBEAT, options), UseInterceptors(SseHeartbeatInterceptor));
}
