import type { HeartbeatOptions } from '@nestcast/hub';
import { Injectable } from '@nestjs/common';
import { HeartbeatRules } from './option-rules.js';
import type { Given } from './option-validation.js';
import { RouteOptionsInterceptor, routeOptionsDecorator } from './route-options.js';
import type { SseRequest } from './sse-request.js';

const HEARTBEAT = Symbol('nestcast:heartbeat');

/** Sets how a stream shows signs of life while it is quiet: as `@SseHeartbeat()` says, else as the module does. */
@Injectable()
export class SseHeartbeatInterceptor extends RouteOptionsInterceptor {
  protected setOptions(
    request: SseRequest,
    ofRoute: <T extends object>(key: symbol, defaults: T) => T,
  ): void {
    request.heartbeat = ofRoute(HEARTBEAT, this.module.heartbeat);
  }
}

/**
 * Sets the heartbeat of a route, or of all routes of a controller; what is left out is the module's.
 *
 * @throws SseError `INVALID_OPTION`
 */
export function SseHeartbeat(options: Given<HeartbeatOptions> = {}): ClassDecorator & MethodDecorator {
  return routeOptionsDecorator(
    '@SseHeartbeat()',
    HeartbeatRules,
    options,
    HEARTBEAT,
    SseHeartbeatInterceptor,
  );
}
